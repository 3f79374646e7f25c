// Links to dbt's site from before it moved to /dbt/, such as those of STIR_DOCS_URL, keep working.
if (location.hash.startsWith("#!/")) {
  location.replace(new URL("dbt/" + location.hash, new URL(".", location.href)));
}

"""The operators' pages. They work without script; a page about what runs loads itself again."""

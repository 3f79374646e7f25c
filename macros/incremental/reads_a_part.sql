{#- This run reads nothing of its inputs (`--empty`) or some days of them (`--sample`, which `flags` does not show, and
    backfills): what it sees is not noted in the tables that outlive builds. -#}
{% macro reads_a_part() -%}
    {{- return(
        true if flags.EMPTY or invocation_args_dict.get('sample') or (execute and env_var('STIR_BACKFILL', '')) else false
    ) -}}
{%- endmacro %}

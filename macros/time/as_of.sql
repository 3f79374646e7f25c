{#- The moment that stands for now(): var as_of, else STIR_AS_OF, else the start of this dbt run.
    One literal for the whole run, so every model of a run answers for the same moment. -#}
{% macro as_of() -%}
    {%- set given = given_moment() -%}
    {%- if given -%}
        {%- set clock = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3}([0-9]{3})?)?)?' -%}
        {%- set iso = '^[0-9]{4}-[0-9]{2}-[0-9]{2}(' ~ clock ~ '(Z|[+-][0-9]{2}:[0-9]{2})?)?$' -%}
        {%- if not modules.re.match(iso, given) -%}
            {%- set advice = "'; write 2026-06-15T00:00:00Z" -%}
            {{ exceptions.raise_compiler_error("as_of is not an ISO time: '" ~ given ~ advice) }}
        {%- endif -%}
        {%- set moment = modules.datetime.datetime.fromisoformat(given) -%}
        {%- if moment.tzinfo is none -%}
            {%- set moment = moment.replace(tzinfo=modules.pytz.utc) -%}
        {%- endif -%}
    {%- else -%}
        {%- set moment = run_started_at -%}
    {%- endif -%}
    toDateTime64('{{ moment.astimezone(modules.pytz.utc).strftime("%Y-%m-%d %H:%M:%S.%f") }}', 6, 'UTC')
{%- endmacro %}

{#- SQL text of the name under which a staging table notes its feed; empty for a model that is not the table of a
    feed. The logs of events carry two platforms, each of which can stop alone. -#}
{% macro name_feed(node) -%}
    {%- set rules = list_reject_rules(node.name) -%}
    {%- if rules and 'event_at' in node.columns and 'platform' in node.columns -%}
        concat('{{ name_source(rules) }} (', platform, ')')
    {%- elif rules and 'updated_at' in node.columns -%}
        '{{ name_source(rules) }}'
    {%- endif -%}
{%- endmacro %}

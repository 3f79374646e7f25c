{#- Forgets what was counted of the model's source: a full refresh counts all of it again, perhaps in another world. -#}
{% macro clear_rejects() -%}
    {%- if execute and flags.FULL_REFRESH and find_reject_rules(model.name) and not reads_a_part() -%}
    delete from {{ reject_table() }} where source_table = '{{ name_source(find_reject_rules(model.name)) }}'
    {%- endif -%}
{%- endmacro %}

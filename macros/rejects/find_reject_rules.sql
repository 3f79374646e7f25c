{#- What the model sets aside of its source; none for one that counts nothing. -#}
{% macro find_reject_rules(model_name) -%}
    {{- return(list_reject_rules(model_name) or list_direct_reject_rules(model_name)) -}}
{%- endmacro %}

{#- The ages into which every source of an audience divides it. -#}
{% macro list_ages() -%}
    {%- do return(['13-17', '18-24', '25-34', '35-44', '45-54', '55-64', '65+']) -%}
{%- endmacro %}

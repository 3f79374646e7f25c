{#- The age group of an age in years; NULL for children below 13, whom no source counts. -#}
{% macro age_band(years) -%}
    multiIf(
        {{ years }} is null or not {{ years }} >= 13 or {{ years }} > 120, null,
        {{ years }} < 18, '13-17',
        {{ years }} < 25, '18-24',
        {{ years }} < 35, '25-34',
        {{ years }} < 45, '35-44',
        {{ years }} < 55, '45-54',
        {{ years }} < 65, '55-64',
        '65+'
    )
{%- endmacro %}

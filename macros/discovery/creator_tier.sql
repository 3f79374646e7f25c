{#- Size class of a creator: Nano below 1,000 followers, Micro below 75,000, Macro below 1,000,000, else Mega. -#}
{% macro creator_tier(followers) -%}
    if(
        {{ followers }} is null,
        null,
        multiIf({{ followers }} < 1000, 'Nano', {{ followers }} < 75000, 'Micro', {{ followers }} < 1000000, 'Macro', 'Mega')
    )
{%- endmacro %}

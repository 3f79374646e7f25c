{#- Follower bucket of a peer group; NULL without a follower count. -#}
{% macro follower_group(followers) -%}
    if(
        {{ followers }} is null,
        null,
        multiIf(
            {{ followers }} < 5000, '<5k',
            {{ followers }} < 10000, '<10k',
            {{ followers }} < 50000, '<50k',
            {{ followers }} < 100000, '<100k',
            {{ followers }} < 500000, '<500k',
            {{ followers }} < 1000000, '<1M',
            '1M+'
        )
    )
{%- endmacro %}

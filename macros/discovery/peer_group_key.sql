{#- Key of the peer group of an account with the columns country, category and followers: platform, country, category
    and follower bucket, or without category; NULL where one of them is unknown. -#}
{% macro peer_group_key(platform, with_category) -%}
    concat(
        '{{ platform }}_',
        country,
        {%- if with_category %}
        '_',
        category,
        {%- endif %}
        '_',
        {{ follower_group('followers') }}
    )
{%- endmacro %}

{#- A model's body. Series of collections of one kind over both platforms, or without a kind of all collections of
    an environment. -#}
{% macro unite_collection_post_series(environment, kind=none) -%}
    {%- set prefix = collection_environment(environment).mart -%}
    {%- set parts = [kind ~ '_collection_instagram', kind ~ '_collection_youtube'] if kind
        else ['post_collection', 'profile_collection'] -%}
    {%- for part in parts %}
select
    {{ list_series_columns() | join(',\n    ') }}
from {{ ref(prefix ~ part ~ '_post_ts') }}
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

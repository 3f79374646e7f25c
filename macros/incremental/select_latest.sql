{#- The row that keep_latest leaves of each key of the CTE `rows`, for a table where nearly every key comes once. A
    first build puts only the rows in order that share a key: to order wide rows that are alone takes half of it
    (docs/decisions/0022-cost-of-a-hundred-thousand-creators.md). A hash of the key distinguishes them; keys that
    share a hash are put in order, too, and all stay. A later run has few rows, and reads its source only once. -#}
{% macro select_latest(rows, key, version, ties=[]) -%}
    {%- if is_incremental() -%}
    select *
    from {{ rows }}
    {{ keep_latest(key, version, ties) }}
    {%- else -%}
    {%- set key_hash = 'cityHash64(' ~ (key if key is string else key | join(', ')) ~ ')' -%}
    {%- set shared = '(select ' ~ key_hash ~ ' as key_hash from ' ~ rows ~ ' group by key_hash having count() > 1)' -%}
    select *
    from {{ rows }}
    where {{ key_hash }} not in {{ shared }}
    union all
    select *
    from (
        select *
        from {{ rows }}
        where {{ key_hash }} in {{ shared }}
        {{ keep_latest(key, version, ties) }}
    )
    {%- endif -%}
{%- endmacro %}

{#- Keeps the totals of links that are other than when we last looked, and, under an empty link, that we looked. The
    feed has no time and forgets earlier totals, so that a past day could not be built again
    (docs/decisions/0026-history-of-totals-without-a-time.md). A run of a moment that was looked at, or of one before
    it, adds nothing: it has to find what was known then. Nor does a run that reads a part: it did not look at all
    of it. A total that cannot be is kept as -1, and the level before it stands (select_link_orders). -#}
{% macro record_link_orders() -%}
    {%- set history = source('warehouse', 'link_order_history').render() -%}
    {%- if not reads_a_part() -%}
    insert into {{ history }}
    select
        known_link,
        {%- for orders in list_link_orders() %}
        if(max(is_in_feed), ifNull(max(total.{{ orders }}), -1), 0) as {{ orders }},
        {%- endfor %}
        {{ as_of() }} as observed_at
    from (
        select
            assumeNotNull({{ link_key('link') }}) as known_link,
            {%- for orders in list_link_orders() %}
            {{ clean_count(orders) }} as {{ orders }},
            {%- endfor %}
            true as is_in_feed
        from {{ source('tracking', 'link_orders') }}
        where {{ link_key('link') }} is not null
        union all
        -- what the feed may have no longer
        select distinct link{{ ', null' * list_link_orders() | length }}, false
        from {{ history }}
        union all
        select ''{{ ', null' * list_link_orders() | length }}, false
    ) as total
    group by known_link
    having (select max(observed_at) from {{ history }}) < {{ as_of() }}
        and (known_link = '' or (known_link, {{ list_link_orders() | join(', ') }}) not in (
        {{ select_link_orders() }}
        ))
    {%- endif -%}
{%- endmacro %}

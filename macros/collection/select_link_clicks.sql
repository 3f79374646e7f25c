{#- Unique clicks of each link and day that were counted by as_of(), which is on the next day, and the link's total so
    far. A day that was counted again stands with its greater count. No link has 10^12 clicks a day, and sums of
    less than that cannot overflow. One row per link, date. -#}
{% macro select_link_clicks() -%}
    select
        link,
        date,
        link_clicks,
        sum(link_clicks) over (partition by link order by date) as link_clicks_to_date
    from (
        select
            assumeNotNull({{ link_key('click.url') }}) as link,
            click.d as date,
            toInt64(max(click.unique_clicks)) as link_clicks
        from {{ source('tracking', 'link_clicks') }} as click
        where
            {{ link_key('click.url') }} is not null
            and {{ clean_measure('click.unique_clicks', 1000000000000) }} is not null
            and {{ file_has_come('click.d + 1') }}
        group by link, date
    )
{%- endmacro %}

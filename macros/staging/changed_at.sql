{#- When something last happened to a crawl job, never NULL: it stands for the updated_at that the feed does not
    have. A job expires when it failed without having been scraped; until then its expires_at lies ahead. -#}
{% macro changed_at(feed) -%}
    arrayMax(
        arrayMap(
            time -> coalesce(time, toDateTime64(0, 6, 'UTC')),
            [
                {{ feed }}.created_at,
                {{ feed }}.picked_at,
                {{ feed }}.scraped_at,
                if(
                    upper(trimBoth({{ feed }}.status)) = 'FAILED' and {{ feed }}.scraped_at is null, {{ feed }}.expires_at, null
                )
            ]
        )
    )
{%- endmacro %}

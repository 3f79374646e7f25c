{#- When something last happened to a crawl job, never NULL: it stands for the updated_at that the feed does not
    have. expires_at is no such time: it is set when the job is asked for, and may lie ahead of a failure that nobody
    dated. A job that is closed without having been scraped has the times that it had before; the count of its day finds
    it (list_late_days). -#}
{% macro changed_at(feed) -%}
    greatest(
        coalesce({{ feed }}.created_at, toDateTime64(0, 6, 'UTC')),
        coalesce({{ feed }}.picked_at, toDateTime64(0, 6, 'UTC')),
        coalesce({{ feed }}.scraped_at, toDateTime64(0, 6, 'UTC'))
    )
{%- endmacro %}

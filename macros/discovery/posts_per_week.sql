{#- Posts of an account per week of the last var posting_days (84, twelve weeks) whole days before as_of(), or since the
    account is known where that is less, and of one week at least: a post of yesterday is not seven a week. Known since the
    earlier of the day of its first post and the day on which it was first seen. NULL without a dated post. -#}
{% macro posts_per_week(posts, first_posted_on, first_seen_at) -%}
    ({{ posts }} * 7. / greatest(
        7,
        least(
            {{ var('posting_days') }},
            dateDiff(
                'day',
                if(
                    {{ first_seen_at }} is null,
                    {{ first_posted_on }},
                    least({{ first_posted_on }}, toDate({{ first_seen_at }}, '{{ var("time_zone") }}'))
                ),
                {{ as_of_date() }}
            )
        )
    ))
{%- endmacro %}

{#- The rows of a board one month earlier, as `previous`, joined to `board`: what follows the word join. Both have the
    month that is built. -#}
{% macro join_month_before(model, columns) -%}
(
    select
        addMonths(month, 1) as next_month,
        profile_platform,
        platform_id,
        category,
        language,
        profile_type,
        {{ columns | join(',\n        ') }}
    from {{ ref(model) }}
    where {{ is_month_to_build('addMonths(month, 1)') }}
) as previous
    on
        board.month = previous.next_month
        and board.profile_platform = previous.profile_platform
        and board.platform_id = previous.platform_id
{%- endmacro %}

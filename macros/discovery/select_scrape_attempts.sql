{#- What has come of a flow's crawl jobs until as_of(), one row per entity: what the parameter `param` names, an id or a
    list of them (a batch). Kinds of outcome:

    success    COMPLETE, of every entity of the batch.
    permanent  FAILED for a reason that lies in the entity.
    passing    FAILED for a reason that does not: throttled (429), an empty reply (204, NoneType), the same job running
               (409), or a batch of several, whose error cannot be laid at one entity's door.

    A job that was given up before the platform answered (no scraped_at) is no attempt at all. -#}
{% macro select_scrape_attempts(flow, param) -%}
select
    entity,
    argMax(outcome, attempted_at) as last_outcome,
    count() as attempts,
    length(arrayFilter(
        time -> time > ifNull(last_success_at, toDateTime64(0, 6, 'UTC')),
        groupArrayIf(attempted_at, outcome = 'permanent')
    )) as errors_since_success,
    maxOrNullIf(attempted_at, outcome = 'success') as last_success_at,
    maxOrNullIf(attempted_at, outcome = 'permanent') as last_error_at,
    maxOrNullIf(attempted_at, outcome = 'passing') as last_passing_at,
    maxOrNullIf(attempted_at, outcome != 'passing') as last_attempt_at
from (
    select
        id,
        arrayJoin(entities) as entity,
        multiIf(
            status = 'COMPLETE', 'success',
            length(entities) > 1
            or ifNull(error_code in ('204', '409', '429'), false)
            or position(ifNull(result, ''), 'NoneType') > 0, 'passing',
            'permanent'
        ) as outcome,
        attempted_at
    from (
        select
            id,
            status,
            error_code,
            result,
            assumeNotNull(scraped_at) as attempted_at,
            arrayDistinct(arrayFilter(
                name -> name != '',
                arrayMap(
                    name -> {{ 'lowerUTF8(trimBoth(name))' if param == 'handle' else 'trimBoth(name)' }},
                    if(
                        JSONType(ifNull(params, ''), '{{ param }}') = 'Array',
                        JSONExtract(ifNull(params, ''), '{{ param }}', 'Array(String)'),
                        [JSONExtractString(ifNull(params, ''), '{{ param }}')]
                    )
                )
            )) as entities
        from {{ ref_latest('stg_beat_scrape_request_log') }}
        where
            flow = '{{ flow }}'
            and status in ('COMPLETE', 'FAILED')
            and scraped_at is not null
            and scraped_at <= {{ as_of() }}
    )
)
group by entity
{%- endmacro %}

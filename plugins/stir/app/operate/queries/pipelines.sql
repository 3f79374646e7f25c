-- How the runs of the last 24 hours ended: DAGs as the monitor of freshness copies them, publishes as they note themselves.
with ended as (
    select
        'DAG' as kind,
        run.pipeline,
        run.state = 'success' as is_good,
        run.started_at,
        run.ended_at
    from ops.pipeline_run as run
    where run.ended_at > now() - interval '24 hours'
    union all
    select
        'publish' as kind,
        run.table_name as pipeline,
        run.outcome in ('published', 'unchanged', 'held') as is_good,
        run.started_at,
        run.ended_at
    from stir.run
    where run.ended_at > now() - interval '24 hours' and run.outcome is distinct from 'trial'
)
select
    ended.kind,
    ended.pipeline,
    count(*) as runs,
    count(*) filter (where ended.is_good) as good,
    100.0 * count(*) filter (where ended.is_good) / count(*) as good_percent,
    max(ended.ended_at) as latest_at,
    max(ended.ended_at) filter (where not ended.is_good) as latest_failure_at,
    extract(epoch from percentile_disc(0.5) within group (order by ended.ended_at - ended.started_at))::float8
        as median_seconds
from ended
group by ended.kind, ended.pipeline
order by good_percent, ended.kind, ended.pipeline

-- Charge every limit of a call, or none; one caller at a time.
--   asked: source, bucket, units, entity or null, account or null, priority, needs_credential, and limits: an array of
--          {name, scope, count, seconds or null for a Pacific day, burst, of: calls or units}.
--   given: the moment; null is this server's clock, so that no worker's clock counts.
-- Returns {granted: true, credential fields} or {granted: false, ready_at, limit, resting}; ready_at is null if there is
-- no credential at all.
--
-- A rate of `count` in `seconds` with a burst of b lets one call through every seconds / (count - b + 1), so that no window
-- of that length, wherever it begins, holds more than count. A tenth of each limit is kept for priority 1.
create function collector.take(asked jsonb, given timestamptz) returns jsonb
language plpgsql as $$
declare
    moment timestamptz;
    today date;
    midnight timestamptz;
    cost bigint := greatest(1, (asked ->> 'units')::bigint);
    is_urgent boolean := (asked ->> 'priority')::int <= 1;
    needed boolean := (asked ->> 'needs_credential')::boolean;
    candidate record;
    rule record;
    ready timestamptz;
    bound text;
    is_resting boolean;
    soonest timestamptz;
    soonest_limit text;
    soonest_rests boolean := false;
    charged bigint;
    spent bigint;
    allowed bigint;
    tolerance bigint;
    gap interval;
    arrival timestamptz;
    closed timestamptz;
    keys text[];
    arrivals timestamptz[];
    rate_key text;
begin
    perform pg_advisory_xact_lock(7318002);
    moment := coalesce(given, clock_timestamp());
    today := (moment at time zone 'America/Los_Angeles')::date;
    midnight := (today + 1)::timestamp at time zone 'America/Los_Angeles';
    for candidate in
        select 0::bigint as id, ''::text as project, ''::text as account, '{}'::jsonb as details, ''::text as secret,
            1::real as slowdown, null::timestamptz as rested_until, 0::bigint as used, null::timestamptz as used_at
        where not needed
        union all
        select c.credential_id, c.project, c.account, c.details, c.secret, c.slowdown, c.rested_until,
            case when c.used_day = today then c.used_calls else 0 end, c.used_at
        from collector.credential as c
        where needed and c.source = asked ->> 'source' and c.disabled_at is null
            and (asked ->> 'account' is null or c.account = asked ->> 'account')
        order by used, used_at nulls first, id
    loop
        ready := moment;
        bound := null;
        is_resting := coalesce(candidate.rested_until > moment, false);
        if is_resting then
            ready := candidate.rested_until;
            bound := 'the credential rests';
        end if;
        select b.until into closed from collector.closed_bucket as b
        where b.source = asked ->> 'source' and b.bucket = asked ->> 'bucket' and b.project = candidate.project;
        if closed > ready then
            ready := closed;
            bound := asked ->> 'bucket' || ' is used up, as the source says';
            is_resting := false;
        end if;
        keys := '{}';
        arrivals := '{}';
        for rule in
            select * from jsonb_to_recordset(asked -> 'limits')
                as r (name text, scope text, count bigint, seconds double precision, burst bigint, of text)
        loop
            continue when rule.scope = 'entity' and asked ->> 'entity' is null;
            charged := case when rule.of = 'calls' then 1 else cost end;
            if rule.seconds is null then
                select coalesce(sum(case when rule.of = 'calls' then q.calls else q.units end), 0) into spent
                from collector.quota as q
                where q.day = today
                    and (rule.scope = 'global' or q.source = asked ->> 'source' and q.bucket = asked ->> 'bucket')
                    and (rule.scope in ('global', 'source') or q.project = candidate.project);
                allowed := rule.count - case when is_urgent then 0 else rule.count / 10 end;
                if spent + charged > allowed and midnight > ready then
                    ready := midnight;
                    bound := rule.name;
                    is_resting := false;
                end if;
                continue;
            end if;
            rate_key := concat_ws(
                '/', case when rule.scope = 'global' then '*' else asked ->> 'source' end, rule.scope, rule.name,
                case rule.scope
                    when 'project' then candidate.project
                    when 'credential' then candidate.id::text
                    when 'entity' then asked ->> 'entity'
                end
            );
            gap := make_interval(secs => rule.seconds / (rule.count - rule.burst + 1))
                * case when rule.scope in ('project', 'credential') then candidate.slowdown else 1 end;
            tolerance := greatest(
                charged, rule.burst - case when is_urgent then 0 else rule.burst / 10 end
            );
            select r.arrives_at into arrival from collector.rate as r where r.key = rate_key;
            arrival := greatest(coalesce(arrival, moment), moment) + gap * charged;
            if arrival - gap * tolerance > ready then
                ready := arrival - gap * tolerance;
                bound := rule.name;
                is_resting := false;
            end if;
            keys := keys || rate_key;
            arrivals := arrivals || arrival;
        end loop;
        if ready <= moment then
            insert into collector.rate as r (key, arrives_at)
            select * from unnest(keys, arrivals)
            on conflict (key) do update set arrives_at = excluded.arrives_at;
            insert into collector.quota as q (day, source, bucket, project, calls, units)
            values (today, asked ->> 'source', asked ->> 'bucket', candidate.project, 1, cost)
            on conflict (day, source, bucket, project) do update
            set calls = q.calls + 1, units = q.units + excluded.units;
            update collector.credential as c
            set used_calls = case when c.used_day = today then c.used_calls else 0 end + 1,
                used_day = today, used_at = moment
            where c.credential_id = candidate.id;
            return jsonb_build_object(
                'granted', true, 'id', candidate.id, 'project', candidate.project, 'account', candidate.account,
                'details', candidate.details, 'secret', candidate.secret, 'moment', moment
            );
        end if;
        if soonest is null or ready < soonest then
            soonest := ready;
            soonest_limit := bound;
            soonest_rests := is_resting;
        end if;
    end loop;
    return jsonb_build_object(
        'granted', false, 'ready_at', soonest, 'limit', soonest_limit, 'resting', soonest_rests, 'moment', moment
    );
end
$$;
comment on function collector.take is 'Charges every limit of a call, or none, and chooses the least used credential.';

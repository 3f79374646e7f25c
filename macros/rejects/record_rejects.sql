{#- Counts, after a staging model was built, what it set aside of its source, by reason and day of ingestion, into
    reject_table(). A run counts from the first day on that has more rows than were counted (find_first_uncounted_day); a
    first run and a full refresh count all.

    What comes after the run's moment, by a wrong clock or because a past day is built again, is refused until its time
    has come. Only a document of counters that is not plain (holds_only_counts) is parsed. Rows of a day are
    read = refused + replaced + those that are the first of their key. An older delivery counts on the day on which the
    key came again. Older deliveries of the keys of those days are found by the source's projection by_key
    (stir.sources.layout), where it has one; else the whole source is read for them. -#}
{% macro record_rejects() -%}
{%- if execute and find_reject_rules(model.name) and not reads_a_part() -%}
{%- set rules = find_reject_rules(model.name) -%}
{%- set first_day = find_first_uncounted_day(rules) -%}
{%- if first_day -%}
{%- set name = name_source(rules) -%}
{%- set reasons = (['future_timestamp'] + rules.refused | map('first') | list) | unique | list -%}
{%- set counts_all = first_day == '1970-01-01' -%}
{%- set first_moment = "toDateTime64('" ~ first_day ~ " 00:00:00', 6, 'UTC')" -%}
{%- set key_hash = 'cityHash64(toString(' ~ rules.key ~ '))' -%}
{%- set is_indexed = not counts_all and keeps_projection(rules.source, 'by_key') -%}
{#- Where a key decides alone whether its rows are refused, its older deliveries need not be read. -#}
{%- set other_reasons = rules.refused | map('first') | reject('eq', 'missing_key') | list -%}
{%- set keys_decide = is_indexed and not rules.place and not other_reasons -%}
{#- As in arrived_since, whose columns the rows keep. -#}
{%- set pruning = list_pruning(rules.source) -%}
{%- set came_recently -%}
    {%- for _ in ([] if counts_all else pruning) %}
    {{ 'and (' if loop.first else 'or ' }}said_{{ loop.index }} >= {{ first_moment }}{{ ')' if loop.last }}
    {%- endfor -%}
{%- endset -%}
{%- set touched -%}
        (
            select cityHash64(key) as key_hash
            from judged
            where day >= '{{ first_day }}' {{ came_recently }}
            group by key_hash
            {%- if counts_all %}
            having count() > 1
            {%- endif %}
        )
{%- endset -%}
{%- if is_indexed -%}
{%- set indexed -%}
        mergeTreeProjection({{ quote_text(rules.source.schema) }}, {{ quote_text(rules.source.identifier) }}, 'by_key') as feed
        where {{ key_hash }} in {{ touched }}
{%- endset -%}
{%- endif -%}
insert into {{ reject_table() }}
with
    judged as (
        select
            {{ rules.ingested_at }} as arrived_at,
            toDate(arrived_at) as day,
            toString({{ rules.key }}) as key,
            {{ 'cityHash64(' ~ rules.place[0] ~ ')' if rules.place else '0' }} as place,
            {{ rules.place[1] if rules.place else '0' }} as delivery,
            {%- if rules.counts %}
            {{ holds_only_counts(rules.counts[0], rules.counts[1]) }} as is_plain,
            if(is_plain, '', {{ rules.counts[0] }}) as suspect,
            -- JSON as it came, and so that list_members finds it (a byte-order mark stands in its way)
            is_plain or (isValidJSON(suspect) and startsWith(trimLeft(suspect), '{')) as is_whole,
            if(is_whole or isValidJSON(suspect) and not startsWith(suspect, '\xEF\xBB\xBF'), '', suspect) as broken,
            {{ rebuild_json('broken') }} as rebuilt,
            if(is_whole, suspect, rebuilt) as readable,
            arrayMap(
                member -> {{ count_in('trimBoth(member.2)') }},
                arrayFilter(
                    member -> member.1 in {{ quote_words(rules.counts[1]) }} and trimBoth(member.2) != '',
                    {{ list_members('readable') }}
                )
            ) as counts,
            {%- endif %}
            -- the reason's place in the list of reasons, 0 for a row that is not refused: numbers compare faster than words
            multiIf(
                {{ rules.ingested_at }} > {{ as_of() }}, {{ reasons.index('future_timestamp') + 1 }},
                {%- for reason, condition in rules.refused %}
                ifNull({{ condition }}, false), {{ reasons.index(reason) + 1 }},
                {%- endfor %}
                0
            ) as refusal
            {%- for expression in pruning %},
            {{ expression }} as said_{{ loop.index }}
            {%- endfor %}
            {%- for reason, condition in rules.emptied %},
            refusal = 0 and ifNull({{ condition }}, false) as is_emptied_{{ loop.index }}
            {%- endfor %}
        from {{ rules.source }} as feed
        where {{ rules.scope or 'true' }}
        {#- as in ingested_since -#}
        {%- set stored = modules.re.match('^coalesce[(]([a-z_.]+),', rules.ingested_at) %}
        {%- if keys_decide and stored %}
            and ({{ stored.group(1) }} >= {{ first_moment }} or {{ stored.group(1) }} is null)
        {%- endif %}
    )
select
    '{{ name }}' as source_table,
    fact.1 as outcome,
    fact.2 as reason,
    day,
    sum(fact.3) as row_count,
    minIf(fact.4, fact.3 > 0) as example_key,
    {{ as_of() }} as counted_at
from (
    select
        day,
        arrayJoin([
            ('read', '', count(), '')
            {%- for reason in reasons %},
            ('refused', '{{ reason }}', countIf(refusal = {{ loop.index }}), minIf(key, refusal = {{ loop.index }}))
            {%- endfor %}
            {%- for reason, _ in rules.emptied %},
            ('emptied', '{{ reason }}', countIf(is_emptied_{{ loop.index }}), minIf(key, is_emptied_{{ loop.index }}))
            {%- endfor %}
        ]) as fact
    from judged
    where day >= '{{ first_day }}' {{ came_recently }}
    group by day
    union all
    select
        later_day as day,
        arrayJoin([
            ('replaced', 'duplicated_key', countIf(not is_elsewhere), minIf(key, not is_elsewhere))
            {%- if rules.place %},
            ('refused', 'conflicting_key', countIf(is_elsewhere), minIf(key, is_elsewhere))
            {%- endif %}
        ]) as fact
    from (
        select
            key,
            arraySort(groupArray((delivery, place, day))) as deliveries,
            arrayFilter(row -> row.2 = deliveries[1].2, deliveries) as in_place,
            arrayFilter(row -> row.2 != deliveries[1].2, deliveries) as elsewhere,
            arrayJoin(arrayConcat(
                arrayMap(row -> (false, row.3), arrayPopFront(in_place)), arrayMap(row -> (true, row.3), elsewhere)
            )) as later,
            later.1 as is_elsewhere,
            later.2 as later_day
        {%- if keys_decide %}
        from (
            select
                toString({{ rules.key }}) as key,
                0 as delivery,
                0 as place,
                toDate({{ rules.ingested_at }}) as day
            from {{ indexed }}
                and {{ rules.ingested_at }} <= {{ as_of() }}
                and toString({{ rules.key }}) in (select key from judged where refusal = 0 and day >= '{{ first_day }}')
        )
        {%- else %}
        from judged
        -- by hash, which is half the work: a key that only shares its hash comes once and adds nothing
        where
            refusal = 0
            and cityHash64(key) in {{ touched }}
            {%- if is_indexed %}
            and arrived_at in (select {{ rules.ingested_at }} from {{ indexed }})
            {%- for _ in pruning %}
            {{ 'and (' if loop.first else 'or ' }}said_{{ loop.index }} >= (select min({{ rules.ingested_at }}) from {{ indexed }}){{ ')' if loop.last }}
            {%- endfor %}
            {%- endif %}
        {%- endif %}
        group by key
    )
    where later_day >= '{{ first_day }}'
    group by later_day
    union all
    -- What a day was counted to have and has no longer is taken back.
    select day, (outcome, reason, toUInt64(0), '') as fact
    from {{ reject_table() }} final
    where source_table = '{{ name }}' and day >= '{{ first_day }}' and row_count > 0
)
group by outcome, reason, day
-- Otherwise the lazy arguments of multiIf parse a row's document once for each counter.
settings
    short_circuit_function_evaluation = 'disable',
    -- Otherwise the source is read by the order of its projection.
    enable_shared_storage_snapshot_in_query = 0
{%- endif -%}
{%- endif -%}
{%- endmacro %}

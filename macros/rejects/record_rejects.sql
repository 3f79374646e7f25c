{#- Counts, after a staging model was built, what it set aside of its source, by reason and day of ingestion, into
    reject_table(). Days that were counted are final but for the last one, so a run reads the days since then; a first
    run and a full refresh read all.

    What comes after the run's moment, by a wrong clock or because a past day is built again, is refused until its time
    has come. Rows of a day are read = refused + replaced + those that are the first of their key. An older delivery
    counts on the day on which the key came again. -#}
{% macro record_rejects() -%}
{%- if execute and list_reject_rules(model.name) -%}
{%- set rules = list_reject_rules(model.name) -%}
{%- set name = name_source(rules) -%}
insert into {{ reject_table() }}
with
    (
        select if(count() = 0, toDate(0), least(max(day), toDate({{ as_of() }})) - 1)
        from {{ reject_table() }}
        where source_table = '{{ name }}' and outcome = 'read'
    ) as first_day,
    judged as (
        select
            toDate({{ rules.ingested_at }}) as day,
            toString({{ rules.key }}) as key,
            {%- if rules.counts %}
            arrayMap(
                member -> {{ count_in('trimBoth(member.2)') }},
                arrayFilter(
                    member -> member.1 in {{ quote_words(rules.counts[1]) }} and trimBoth(member.2) != '',
                    {{ list_members(rules.counts[0]) }}
                )
            ) as counts,
            {%- endif %}
            multiIf(
                {{ rules.ingested_at }} > {{ as_of() }}, 'future_timestamp',
                {%- for reason, condition in rules.refused %}
                ifNull({{ condition }}, false), '{{ reason }}',
                {%- endfor %}
                ''
            ) as refusal
            {%- for reason, condition in rules.emptied %},
            refusal = '' and ifNull({{ condition }}, false) as is_emptied_{{ loop.index }}
            {%- endfor %}
        from {{ rules.source }} as feed
        where {{ rules.scope or 'true' }}
    )
select
    '{{ name }}' as source_table,
    fact.1 as outcome,
    fact.2 as reason,
    day,
    fact.3 as row_count,
    fact.4 as example_key,
    {{ as_of() }} as counted_at
from (
    select
        day,
        arrayJoin([
            ('read', '', count(), '')
            {%- for reason in (['future_timestamp'] + rules.refused | map('first') | list) | unique %},
            ('refused', '{{ reason }}', countIf(refusal = '{{ reason }}'), minIf(key, refusal = '{{ reason }}'))
            {%- endfor %}
            {%- for reason, _ in rules.emptied %},
            ('emptied', '{{ reason }}', countIf(is_emptied_{{ loop.index }}), minIf(key, is_emptied_{{ loop.index }}))
            {%- endfor %}
        ]) as fact
    from judged
    where day >= first_day
    group by day
    union all
    select day, ('replaced', 'duplicated_key', count(), min(key)) as fact
    from (
        select key, arrayJoin(arrayPopFront(arraySort(groupArray(day)))) as day
        from judged
        -- by hash, which is half the work: a key that only shares its hash comes once and adds nothing
        where refusal = '' and cityHash64(key) in (
            select cityHash64(key) as key_hash
            from judged
            where day >= first_day
            group by key_hash
            having first_day > toDate(0) or count() > 1
        )
        group by key
    )
    where day >= first_day
    group by day
)
-- Otherwise the lazy arguments of multiIf parse a row's document once for each counter.
settings short_circuit_function_evaluation = 'disable'
{%- endif -%}
{%- endmacro %}

{#- The counters of a JSON object as a map of name to count (count_in), parsed once. A number and quoted text give the
    same; what is no count is NULL, and so is a counter that is not there. A member that no parser reads is lost alone
    (mend_json); a document that cannot be mended and anything that is not an object give an empty map. Few of the names that crawlers use stand in one document: to convert what stands there costs
    less than half of extracting every name (docs/decisions/0022-cost-of-a-hundred-thousand-creators.md). -#}
{% macro parse_counts(document) -%}
    cast(
        arrayMap(member -> (member.1, {{ count_in('trimBoth(member.2)') }}), 
            if(
                empty({{ list_members(document) }}) and {{ document }} not in ('', '{}'),
                {{ list_members(rebuild_json(document)) }},
                {{ list_members(document) }}
            )
        ),
        'Map(String, Nullable(Int64))'
    )
{%- endmacro %}

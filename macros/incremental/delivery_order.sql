{#- The place of a delivery in the one total order of a source's deliveries: the greatest of a key stays, in every
    reader and whatever the order of arrival. By the moment to the microsecond, then by `second` (a number of up to
    32 bits), then by a hash of the whole delivery: which of two that differ in nothing else wins is arbitrary, and
    always the same (docs/decisions/0033-one-order-of-deliveries.md). The version of ReplacingMergeTree. -#}
{% macro delivery_order(moment, second, row) -%}
    toUInt128(
        bitShiftLeft(toUInt128(greatest(toUnixTimestamp64Micro(toDateTime64({{ moment }}, 6, 'UTC')), 0)), 64)
        + bitShiftLeft(toUInt64(toUInt32(ifNull({{ second }}, 0))), 32)
        + toUInt32(cityHash64(tuple({{ row }})))
    )
{%- endmacro %}

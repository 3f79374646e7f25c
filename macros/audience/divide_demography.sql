{#- The columns of a demography, from the Maps age_groups (M_13-17 to F_65+, U_ of unknown gender), city_weights and
    country_weights of a query: what is known of gender, ages, cities and countries as shares that add up to 1, each with
    the size of its sample. `counts_people` false: weights of gender and age are no counts, their sample is unknown;
    `counts_places` likewise. -#}
{% macro divide_demography(counts_people=true, counts_places=true) -%}
    {%- set unknown = "cast(null, 'Nullable(UInt64)')" -%}
    mapFilter((name, weight) -> not startsWith(name, 'U_'), age_groups) as gendered,
    arraySum(mapValues(gendered)) as gendered_weight,
    arraySum(mapValues(mapFilter((name, weight) -> startsWith(name, 'M_'), gendered))) as male_weight,
    {{ divide('male_weight', 'gendered_weight') }} as male_ratio,
    {{ divide('gendered_weight - male_weight', 'gendered_weight') }} as female_ratio,
    {{ divide(
        'arraySum(mapValues(age_groups)) - gendered_weight', 'arraySum(mapValues(age_groups))'
    ) }} as unknown_gender_ratio,
    {{ 'toUInt64(round(gendered_weight))' if counts_people else unknown }} as age_group_sample_size,
    age_group_sample_size as gender_sample_size,
    {{ 'toUInt64(round(arraySum(mapValues(city_weights))))' if counts_places else unknown }} as city_sample_size,
    {{ 'toUInt64(round(arraySum(mapValues(country_weights))))' if counts_places else unknown }} as country_sample_size,
    {{ share_out('gendered') }} as age_group_ratios,
    {{ share_out('city_weights') }} as city_ratios,
    {{ share_out('country_weights') }} as country_ratios
{%- endmacro %}

-- Tables that the publisher's role makes are readable for the application's reader by default; campaigns and payouts are
-- not published tables. Without usage of the schemas, none of their tables can be reached, present or future.
do $$
declare
    held record;
begin
    for held in
        select distinct namespace.nspname, privilege.grantee
        from pg_namespace as namespace
        cross join aclexplode(namespace.nspacl) as privilege
        where namespace.nspname in ('campaign', 'ops') and privilege.grantee <> namespace.nspowner
    loop
        if held.grantee = 0 then
            execute format('revoke all on schema %I from public', held.nspname);
        else
            execute format('revoke all on schema %I from %s', held.nspname, held.grantee::regrole);
        end if;
    end loop;
end
$$;

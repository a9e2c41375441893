/// A table with a column of every kind of type, and rows of the values at their ends.
enum HostileTypes {
  static let sql = #"""
    CREATE TYPE mood AS ENUM ('sad', 'o''k', 'ha"ppy');
    CREATE TABLE hostile (
     id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int GENERATED ALWAYS AS IDENTITY, b boolean,
    i2 smallint, i4 int, i8 bigint, f4 real, f8 float8,
     num numeric, num2 numeric(10,6), t text, vc varchar(20), c char(8), nm name, ch "char",
    by bytea, d date, tm time, tmtz timetz, ts timestamp, tstz timestamptz,
     iv interval, j json, jb jsonb, ta text[], ia int[][], ba bool[], fa float8[], na numeric[],
    ua uuid[], tsa timestamptz[], jba jsonb[], bya bytea[], mo mood, moa mood[], r int4range,
    nr numrange[], mr int4multirange, inet_ inet, cidr_ cidr, mac macaddr, bitc bit(5), vb varbit,
    p point, poly polygon, tsv tsvector, tsq tsquery, x xml, mny money, lsn pg_lsn, rc regclass,
    o oid, "we""ird Ñame" text, gen bigint GENERATED ALWAYS AS (i4::bigint * 2) STORED);
    CREATE INDEX hostile_i4 ON hostile (i4) WHERE i4 > 0;
    INSERT INTO hostile (b,i2,i4,i8,f4,f8,num,num2,t,vc,c,nm,ch,by,d,tm,tmtz,ts,tstz,iv,j,jb,ta,ia,
    ba,fa,na,ua,tsa,jba,bya,mo,moa,r,nr,mr,inet_,cidr_,mac,bitc,vb,p,poly,tsv,tsq,x,mny,lsn,rc,o,
    "we""ird Ñame") VALUES
    (true,-32768,-2147483648,-9223372036854775808,'NaN','-Infinity','NaN',-0.000001,
    E'\\N \\. "q" \t\n\r\b\f\x01\x1f\x7f é 漢 😀 \u2028','','ab','n','x','\x00ff5c0a','infinity',
    '24:00','23:59:59.999999-15:59','-infinity','infinity',
    '1 year -2 mons +3 days -04:05:06.000007',E'{"a" : 1,\n "a":2}',
    '{"a":null,"b":"\u0001\\\"\n","n":1e1000,"e":1.10}','{}','{{1,NULL},{3,4}}','{t,f,NULL}',
    '{NaN,Infinity,-0,1e-320,0.1}','{NaN,1.50,-0.001}','{00000000-0000-0000-0000-000000000000}',
    '{infinity,2000-01-01 00:00:00+00}',ARRAY['null',NULL,'{"x":[1]}']::jsonb[],
    '{"\\x00","\\x5c22"}','o''k','{"ha\"ppy",NULL,sad}','empty','{"[1.5,2)",NULL}','{[1,3),[5,7)}',
    '::ffff:1.2.3.4/128','10.0.0.0/8','08:00:2b:01:02:03','10101','','(1.5,-2)',
    '((0,0),(1,1),(1,0))','''a b'':1A cat:2','a & !b <-> c','<a>&amp;</a>','-1234.56','16/B374D848',
    'pg_class',4294967295,'w'),
    (false,32767,2147483647,9223372036854775807,'-0','5e-324',repeat('9',131072)::numeric,
    9999.999999,E'',' trail  ','tr   ','','', '','4713-11-24 BC','00:00:00.000001','00:00+00',
    '4713-11-24 00:00:00 BC','0044-03-15 12:00:00+00 BC','-178000000 years',' null ','null',
    '[0:1]={a,NULL}','[-1:0][2:3]={{1,2},{3,4}}','{}','{}','{0.000,1e100}','{}','{}','{}','{}',
    'sad','{}','[1,10)','{}','{}','fe80::1/64','::/0','ff:ff:ff:ff:ff:ff','00000','111',
    '(Infinity,NaN)','((0,0))','','','text only','0','0/0','hostile',0,NULL),
    (NULL,NULL,1,NULL,3.4028235e38,1.7976931348623157e308,'-Infinity',0,'{"not":"array"}','a',
    '        ',repeat('x',63)::name,'"',decode(repeat('ab',5000),'hex'),'5874897-12-31',
    '12:34:56.7','01:02:03.4+05:30','294276-12-31 23:59:59.999999',
    '294276-12-31 23:59:59.999999+00','0','[1,2,  3]','"str\\u00e9\\ud83d\\ude00"',
    '{"NULL",NULL,"","a,b","{x}","\"q\\\\"," sp "}','{}',NULL,'{1.7976931348623157e308}','{1}','{}',
    '{-infinity}','{"[1]"}','{}',NULL,NULL,'(,)','{}','{(,)}','0.0.0.0/0','10.1.0.0/16',
    '00:00:00:00:00:00','11111','0','(0,0)','((0,0))','x','x','<!-- c -->','92233720368547758.07',
    'FFFFFFFF/FFFFFFFF',NULL,1,''),
    (NULL,NULL,NULL,NULL,1.17549435e-38,2.2250738585072014e-308,'Infinity',NULL,NULL,NULL,NULL,NULL,
    NULL,NULL,'-infinity',NULL,NULL,'0001-12-31 23:59:59.5 BC','1883-11-18 12:03:58+00',NULL,NULL,
    NULL,E'{"tab\\\\\\t\\nnl"}'::text[],'{}',NULL,NULL,('{'||repeat('9',2000)||'.'||repeat('1',
    1000)||'}')::numeric[],NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,
    NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
    INSERT INTO hostile DEFAULT VALUES;
    """#
}

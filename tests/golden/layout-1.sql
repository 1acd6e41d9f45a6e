-- journal.db as dayu 0.1 wrote it while its tables had layout 1: the tables word by word, and a small journal in them.
-- Every later build must open it, bring it forward and read the same (src/journal/sqlite/upgrade_test.cpp). Never changed.
CREATE TABLE entries(
    seq INTEGER PRIMARY KEY,
    job INTEGER,
    bytes BLOB NOT NULL);
CREATE INDEX entries_of_job ON entries(job) WHERE job IS NOT NULL;

CREATE TABLE head(
    only INTEGER PRIMARY KEY CHECK(only = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL);

CREATE TABLE bodies(
    ref TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    content BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE jobs(
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    shape INTEGER NOT NULL,
    body TEXT NOT NULL,
    state INTEGER NOT NULL,
    submitted INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    center TEXT NOT NULL,
    code INTEGER NOT NULL,
    signal INTEGER NOT NULL,
    cause INTEGER,
    cost INTEGER NOT NULL);
CREATE INDEX live_jobs ON jobs(id) WHERE state <= 2;
CREATE INDEX jobs_of_project ON jobs(project, tenant);

CREATE TABLE attempts(
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    center_id INTEGER NOT NULL,
    center TEXT NOT NULL,
    pool TEXT NOT NULL,
    state INTEGER NOT NULL,
    "table" INTEGER NOT NULL,
    candidate INTEGER NOT NULL,
    placed INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    cause INTEGER,
    code INTEGER NOT NULL,
    signal INTEGER NOT NULL,
    detail TEXT NOT NULL,
    cpu_ms INTEGER NOT NULL,
    peak_memory_mib INTEGER NOT NULL,
    price_at_most INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    energy_mwh INTEGER NOT NULL,
    carbon_mg INTEGER NOT NULL,
    PRIMARY KEY(job, number)) WITHOUT ROWID;

INSERT INTO entries VALUES(1, NULL, CAST('{"actor":"system","at":"2026-11-18T11:06:40.000Z","data":{"cluster":"5e3f09c1a2b4d687"},"prev":"0000000000000000000000000000000000000000000000000000000000000000","project":"default","seq":1,"tenant":"default","type":"founded","v":1}' AS BLOB));
INSERT INTO entries VALUES(2, NULL, CAST('{"actor":"system","at":"2026-11-18T11:06:41.000Z","data":{"name":"first","role":"operator","sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"prev":"82f6a767eecd82b3fae890a521d3a3978d0a897d4917436d4db928774392049f","project":"default","seq":2,"tenant":"default","type":"token_issued","v":1}' AS BLOB));
INSERT INTO entries VALUES(3, NULL, CAST('{"actor":"system","at":"2026-11-18T11:06:42.000Z","data":{"chip":{"aliases":["a100","nvidia.com/gpu"],"confidence":"A","fp16_gflops":312000,"memory_mib":81920,"name":"A100-80GB","power_w":400,"source":"data sheet","vendor":"NVIDIA"}},"prev":"44359b3e76dace419442cae4d9c0f2f84bd5dcd18c194e1f3516e6017b85c619","project":"default","seq":3,"tenant":"default","type":"chip_declared","v":1}' AS BLOB));
INSERT INTO entries VALUES(4, NULL, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:43.000Z","data":{"center":{"energy":{"grid_mg_per_kwh":420000,"pue_milli":1250,"source":"published, 2025"},"engine":{"enforces":["memory: cgroup v2"],"fences_itself":true,"kind":"process","lacks":["chips: none here"]},"link":{"mbit_per_s":10000,"price_per_gib":"0.012000","rtt_us":900},"name":"jiading","pools":[{"chip":"A100-80GB","chips_per_node":8,"cpus_per_node":96,"memory_mib_per_node":1048576,"name":"a100","nodes":2,"price_per_chip_hour":"11.500000","price_per_cpu_hour":"0.100000","watts_per_cpu":4}],"region":"cn/yangtze-delta/shanghai/jiading","security_level":3,"tier":"district","title":"嘉定算力中心"},"id":1},"prev":"b79eac39c5e91bfe932776384d9fd8bd2a510d2b0934b5156387c23b74565cd8","project":"default","seq":4,"tenant":"default","type":"center_declared","v":1}' AS BLOB));
INSERT INTO entries VALUES(5, NULL, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:44.000Z","data":{"agent":"jiading","center":1,"installation":"a1b2c3"},"prev":"7305185ea7365cfec60f71a99c508dc05a9fd4a72d6b0ea50b4e399b4ffe47a9","project":"default","seq":5,"tenant":"default","type":"lease_granted","v":1}' AS BLOB));
INSERT INTO entries VALUES(6, NULL, CAST('{"actor":"token:first","at":"2026-11-18T11:06:45.000Z","data":{"shape":1,"spec":{"checkpoint":{"grace_ms":30000,"path":"ckpt/","signal":"TERM"},"kind":"train","nodes":1,"placement":{"data_class":"general","max_price":"500.000000","move_after_ms":1800000,"regions":["cn/yangtze-delta"],"security_level":1,"tiers":["city","district"],"weights":{"carbon_per_kg":"0.100000","wait_per_chip_hour":"1.000000"}},"resources":{"chip":"A100-80GB","chips_milli":8000,"cpus":8,"memory_mib":65536},"retry":{"backoff_ms":10000,"max":3,"on_exit":[75]},"time_limit_ms":7200000}},"prev":"2a3daff19af38972a6317f22ce6e877551e5f931a149247e0a40fdac8aaca9cd","project":"default","seq":6,"tenant":"default","type":"shape_declared","v":1}' AS BLOB));
INSERT INTO entries VALUES(7, 1, CAST('{"actor":"token:first","at":"2026-11-18T11:06:46.000Z","data":{"body":"2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c","idempotency_key":"00112233445566778899aabbccddee01","job":1,"name":"tang-lm","request":"ffeeddccbbaa99887766554433221100","shape":1},"prev":"c9a902e676ca516de9ce6bebf1c500002f4889f09c2bf47352014cbb69d1ca05","project":"default","seq":7,"tenant":"default","type":"job_accepted","v":1}' AS BLOB));
INSERT INTO entries VALUES(8, NULL, CAST('{"actor":"scheduler","at":"2026-11-18T11:06:47.000Z","data":{"table":{"at":"2026-11-18T11:06:40.000Z","candidates":[{"bytes_moved":0,"carbon_mg":3360000,"center":1,"center_name":"jiading","chip":"A100-80GB","chips_milli":8000,"end":"2026-11-18T13:06:40.000Z","energy_mwh":8000000,"engine":"process","objective":"185.000000","pool":"a100","price":"184.000000","start":"2026-11-18T11:06:40.000Z"},{"bytes_moved":0,"carbon_mg":3360000,"center":2,"center_name":"zhongwei","chip":"A100-80GB","chips_milli":8000,"end":"2026-11-18T13:06:40.000Z","energy_mwh":8000000,"engine":"process","objective":"185.000000","pool":"a100","price":"184.000000","refusal":{"code":"RegionNotAllowed","detail":"stands in cn/ningxia","tier":"PolicyForbidden"},"start":"2026-11-18T11:06:40.000Z"}],"policy":"cheapest","shape":1}},"prev":"69a929cb06c606cf7f5dabad5f3e23206303d23121aa7e121c03317e8dd875b0","project":"default","seq":8,"tenant":"default","type":"candidates_weighed","v":1}' AS BLOB));
INSERT INTO entries VALUES(9, 1, CAST('{"actor":"scheduler","at":"2026-11-18T11:06:48.000Z","data":{"attempt":{"job":1,"number":1},"candidate":0,"carbon_mg_at_most":3360000,"center":1,"energy_mwh_at_most":8000000,"nodes":[{"chips_milli":8000,"cpus":8,"memory_mib":65536,"node":0}],"pool":"a100","price_at_most":"184.000000","table":8},"prev":"95e90ff72f26fa63d24d71d107d35bfe70b700368720f3cd9d6019a18a9f69cb","project":"default","seq":9,"tenant":"default","type":"job_placed","v":1}' AS BLOB));
INSERT INTO entries VALUES(10, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:49.000Z","data":{"attempt":{"job":1,"number":1},"observed":"2026-11-18T11:06:49.000Z","state":"RUNNING"},"prev":"81fb08415eba557c5629f90408224bc0d594b18bfd6649ee3afccbd8bd42d3a3","project":"default","seq":10,"tenant":"default","type":"attempt_advanced","v":1}' AS BLOB));
INSERT INTO entries VALUES(11, NULL, CAST('{"actor":"system","at":"2026-11-18T11:06:50.000Z","data":{"center":1},"prev":"3a5d9b8bbe1ad50f54d41823f7ce6cc8059de69410da3e66b1730835e4e0d0e4","project":"default","seq":11,"tenant":"default","type":"contact_lost","v":1}' AS BLOB));
INSERT INTO entries VALUES(12, NULL, CAST('{"actor":"system","at":"2026-11-18T11:06:51.000Z","data":{"center":1},"prev":"650cede5d29166567ad89875df0be01fb703dc996423c04fe2d2af4d8d96c041","project":"default","seq":12,"tenant":"default","type":"contact_restored","v":1}' AS BLOB));
INSERT INTO entries VALUES(13, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:52.000Z","data":{"attempt":{"job":1,"number":1},"window":{"from":"2026-11-18T11:06:49.000Z","to":"2026-11-18T11:07:19.000Z","usage":{"cpu_ms":29000,"peak_memory_mib":1700}}},"prev":"354a7631a60fa20e77208a821215862acd81741057523c02b9a9c10cd12fd108","project":"default","seq":13,"tenant":"default","type":"usage_metered","v":1}' AS BLOB));
INSERT INTO entries VALUES(14, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:53.000Z","data":{"attempt":{"job":1,"number":1},"carbon_mg":28000,"cost":"1.533333","ending":{"cause":"exited","code":75,"detail":"as \"the shim\" saw it","ended":"2026-11-18T11:07:49.000Z","signal":0,"started":"2026-11-18T11:06:49.000Z","total":{"cpu_ms":58000,"peak_memory_mib":1900}},"energy_mwh":66666},"prev":"52e59d7e1e8a89e8d0cc652f7b6d1d53f24c4b0f3dd0da52fad07e374589d582","project":"default","seq":14,"tenant":"default","type":"attempt_ended","v":1}' AS BLOB));
INSERT INTO entries VALUES(15, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:54.000Z","data":{"cause":"exited","counts_as_retry":true,"job":1,"not_before":"2026-11-18T11:08:00.000Z"},"prev":"ea296b32fd918d45c37a2019a71d5416ae9de47188249d99d28708792d36f02d","project":"default","seq":15,"tenant":"default","type":"job_requeued","v":1}' AS BLOB));
INSERT INTO entries VALUES(16, 1, CAST('{"actor":"scheduler","at":"2026-11-18T11:06:55.000Z","data":{"attempt":{"job":1,"number":2},"candidate":0,"carbon_mg_at_most":3360000,"center":1,"energy_mwh_at_most":8000000,"nodes":[{"chips_milli":8000,"cpus":8,"memory_mib":65536,"node":0}],"pool":"a100","price_at_most":"184.000000","table":8},"prev":"0d34085fc8450f526c3483e9bd01ffd45a68e008b68fe7375e8aa0476fb299af","project":"default","seq":16,"tenant":"default","type":"job_placed","v":1}' AS BLOB));
INSERT INTO entries VALUES(17, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:56.000Z","data":{"attempt":{"job":1,"number":2},"carbon_mg":28000,"cost":"1.533333","ending":{"cause":"exited","code":0,"detail":"as \"the shim\" saw it","ended":"2026-11-18T11:07:49.000Z","signal":0,"started":"2026-11-18T11:06:49.000Z","total":{"cpu_ms":58000,"peak_memory_mib":1900}},"energy_mwh":66666},"prev":"7a1f7bbff23891e57549391ddfd4ac0e7417a0604092c39c1778407b56f0535c","project":"default","seq":17,"tenant":"default","type":"attempt_ended","v":1}' AS BLOB));
INSERT INTO entries VALUES(18, 1, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:06:57.000Z","data":{"code":0,"cost":"3.066666","job":1,"signal":0,"state":"COMPLETED"},"prev":"bd99b6f9efbba3298e711883e68c50f851c1dfda3326c10745d06ada86a411bc","project":"default","seq":18,"tenant":"default","type":"job_ended","v":1}' AS BLOB));
INSERT INTO entries VALUES(19, 2, CAST('{"actor":"token:first","at":"2026-11-18T11:06:58.000Z","data":{"body":"2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c","idempotency_key":"00112233445566778899aabbccddee02","job":2,"name":"第二 \"two\"","request":"ffeeddccbbaa99887766554433221100","shape":1},"prev":"b21119619a257e4c3a6229df3937371cadcfc9f851be0b0909af0153cca3d7b3","project":"default","seq":19,"tenant":"default","type":"job_accepted","v":1}' AS BLOB));
INSERT INTO entries VALUES(20, 2, CAST('{"actor":"scheduler","at":"2026-11-18T11:06:59.000Z","data":{"attempt":{"job":2,"number":1},"candidate":0,"carbon_mg_at_most":3360000,"center":1,"energy_mwh_at_most":8000000,"nodes":[{"chips_milli":8000,"cpus":8,"memory_mib":65536,"node":0}],"pool":"a100","price_at_most":"184.000000","table":8},"prev":"ae5bdbc8ab473db5fcefa18568d7f2e2fac50ba76283fe361e2f7ba759a80cab","project":"default","seq":20,"tenant":"default","type":"job_placed","v":1}' AS BLOB));
INSERT INTO entries VALUES(21, 2, CAST('{"actor":"token:first","at":"2026-11-18T11:07:00.000Z","data":{"attempt":{"job":2,"number":1},"cause":"cancelled"},"prev":"8d371b7981399fd266c98c9f715cffab5d8df2ff008b38fed5dfad7582bcada4","project":"default","seq":21,"tenant":"default","type":"stop_requested","v":1}' AS BLOB));
INSERT INTO entries VALUES(22, 2, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:07:01.000Z","data":{"attempt":{"job":2,"number":1},"carbon_mg":28000,"cost":"1.533333","ending":{"cause":"cancelled","code":0,"detail":"as \"the shim\" saw it","ended":"2026-11-18T11:07:49.000Z","signal":15,"started":"2026-11-18T11:06:49.000Z","total":{"cpu_ms":58000,"peak_memory_mib":1900}},"energy_mwh":66666},"prev":"02dfd8572dd6313a632d19633a4b29d6289744fb7c72452af0941055be342260","project":"default","seq":22,"tenant":"default","type":"attempt_ended","v":1}' AS BLOB));
INSERT INTO entries VALUES(23, 2, CAST('{"actor":"agent:jiading","at":"2026-11-18T11:07:02.000Z","data":{"code":0,"cost":"1.533333","job":2,"signal":15,"state":"CANCELLED"},"prev":"17e47103f44726825421a22f91ff907bd6acc5bcecaab43a2afcdfba4cf3a5a5","project":"default","seq":23,"tenant":"default","type":"job_ended","v":1}' AS BLOB));
INSERT INTO entries VALUES(24, 3, CAST('{"actor":"token:first","at":"2026-11-18T11:07:03.000Z","data":{"body":"2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c","idempotency_key":"00112233445566778899aabbccddee03","job":3,"name":"still-running","request":"ffeeddccbbaa99887766554433221100","shape":1},"prev":"3b18e62ec07f8424d766b3a8685653ae459e2ef4c646ea8081902a5f3aaee4a4","project":"default","seq":24,"tenant":"default","type":"job_accepted","v":1}' AS BLOB));
INSERT INTO entries VALUES(25, 4, CAST('{"actor":"token:first","at":"2026-11-18T11:07:04.000Z","data":{"body":"2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c","idempotency_key":"00112233445566778899aabbccddee04","job":4,"name":"waiting","request":"ffeeddccbbaa99887766554433221100","shape":1},"prev":"f3119070e76c3b0900cd2d6c079726cf58c987d9b343f0de114b86cb9c47353c","project":"default","seq":25,"tenant":"default","type":"job_accepted","v":1}' AS BLOB));
INSERT INTO entries VALUES(26, 3, CAST('{"actor":"scheduler","at":"2026-11-18T11:07:05.000Z","data":{"attempt":{"job":3,"number":1},"candidate":0,"carbon_mg_at_most":3360000,"center":1,"energy_mwh_at_most":8000000,"nodes":[{"chips_milli":8000,"cpus":8,"memory_mib":65536,"node":0}],"pool":"a100","price_at_most":"184.000000","table":8},"prev":"a4310bbe1fdb509c1dbb41f11ada4f44a7783890fe846a8dca3ab17424ddf8e2","project":"default","seq":26,"tenant":"default","type":"job_placed","v":1}' AS BLOB));
INSERT INTO entries VALUES(27, NULL, CAST('{"actor":"agent:zhongwei","at":"2026-11-18T11:07:06.000Z","data":{"center":{"energy":{"grid_mg_per_kwh":420000,"pue_milli":1250,"source":"published, 2025"},"engine":{"enforces":["memory: cgroup v2"],"fences_itself":true,"kind":"process","lacks":["chips: none here"]},"link":{"mbit_per_s":10000,"price_per_gib":"0.012000","rtt_us":900},"name":"zhongwei","pools":[{"chip":"A100-80GB","chips_per_node":8,"cpus_per_node":96,"memory_mib_per_node":1048576,"name":"a100","nodes":2,"price_per_chip_hour":"11.500000","price_per_cpu_hour":"0.100000","watts_per_cpu":4}],"region":"cn/ningxia/zhongwei","security_level":3,"tier":"national","title":"嘉定算力中心"},"id":2},"prev":"17603ef3ba0c61e5f8c34d9b1a80b56bdf311fea00aa102d4250e7510963663d","project":"default","seq":27,"tenant":"default","type":"center_declared","v":1}' AS BLOB));
INSERT INTO entries VALUES(28, NULL, CAST('{"actor":"token:first","at":"2026-11-18T11:07:07.000Z","data":{"center":2,"reason":"a fire in its hall"},"prev":"3fe5a15ab929231beb87a0bcf5858ae7fca975a4e187c8089798277d3b74ff90","project":"default","seq":28,"tenant":"default","type":"center_fenced","v":1}' AS BLOB));
INSERT INTO head VALUES(1, 28, '005383f6a5130e2bc7f2b39797ed5b2e57424eb1bb207b68ce1a1a871a557152');
INSERT INTO bodies VALUES('2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c', CAST('salt' AS BLOB), CAST('run' AS BLOB));
INSERT INTO jobs VALUES(1, 'default', 'default', 'tang-lm', 'token:first', 1, '2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c', 3, 1795000006000, 1795000009000, 1795000017000, 2, 'jiading', 0, 0, 0, 3066666);
INSERT INTO jobs VALUES(2, 'default', 'default', '第二 "two"', 'token:first', 1, '2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c', 7, 1795000018000, 1795000009000, 1795000022000, 1, 'jiading', 0, 15, 3, 1533333);
INSERT INTO jobs VALUES(3, 'default', 'default', 'still-running', 'token:first', 1, '2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c', 2, 1795000023000, 0, 0, 1, 'jiading', 0, 0, NULL, 0);
INSERT INTO jobs VALUES(4, 'default', 'default', 'waiting', 'token:first', 1, '2d159768d2800fe5e0ea241a08acf9eab1ef2ecca2d8661c565be316f3e8e17c', 0, 1795000024000, 0, 0, 0, '', 0, 0, NULL, 0);
INSERT INTO attempts VALUES(1, 1, 1, 'jiading', 'a100', 7, 8, 0, 1795000009000, 1795000009000, 1795000069000, 0, 75, 0, 'as "the shim" saw it', 58000, 1900, 184000000, 1533333, 66666, 28000);
INSERT INTO attempts VALUES(1, 2, 1, 'jiading', 'a100', 7, 8, 0, 1795000009000, 1795000009000, 1795000069000, 0, 0, 0, 'as "the shim" saw it', 58000, 1900, 184000000, 1533333, 66666, 28000);
INSERT INTO attempts VALUES(2, 1, 1, 'jiading', 'a100', 7, 8, 0, 1795000009000, 1795000009000, 1795000069000, 3, 0, 15, 'as "the shim" saw it', 58000, 1900, 184000000, 1533333, 66666, 28000);
INSERT INTO attempts VALUES(3, 1, 1, 'jiading', 'a100', 0, 8, 0, 1795000009000, 0, 0, NULL, 0, 0, '', 0, 0, 184000000, 0, 0, 0);
PRAGMA user_version=1;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`integrations` COMMENT 'One row per integration ever seen in a project: whether it is still there, and since when.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), listed AS (
  SELECT
    p.project_id,
    p.run_id,
    p.listing_key,
    p.project_key
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
), spans AS (
  SELECT
    project_id,
    listing_key,
    MIN(run_id) AS first_run,
    MAX(run_id) AS last_run
  FROM listed
  GROUP BY
    project_id,
    listing_key
), seen AS (
  SELECT
    i.project_id,
    i.integration_id,
    MIN(s.first_run) AS first_run,
    MAX(s.last_run) AS last_run
  FROM spans AS s
  JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
    ON i.listing_key = s.listing_key AND i.project_id = s.project_id
  GROUP BY
    i.project_id,
    i.integration_id
), ends AS (
  SELECT DISTINCT
    project_id,
    last_run AS run_id
  FROM seen
), missing AS (
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    n.run_id
  FROM ends AS e
  JOIN `warehouse`.`ampersand_data`.`project_listings` AS n
    ON n.project_id = e.project_id AND n.run_id > e.run_id
  JOIN known AS k
    ON k.project_id = n.project_id AND k.credential = n.credential AND n.run_id > k.since
  JOIN runs AS r
    ON r.run_id = n.run_id
  WHERE
    n.outcome = 'not_found'
  UNION
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    c.run_id
  FROM ends AS e
  JOIN known AS k
    ON k.project_id = e.project_id
  JOIN `warehouse`.`ampersand_data`.`credential_listings` AS c
    ON c.credential = k.credential AND c.run_id > k.since AND c.run_id > e.run_id
  JOIN runs AS r
    ON r.run_id = c.run_id
  LEFT JOIN `warehouse`.`ampersand_data`.`project_listings` AS p
    ON p.project_id = e.project_id AND p.run_id = c.run_id AND p.outcome <> 'not_found'
  WHERE
    c.asks_for_all AND c.outcome = 'listed' AND p.run_id IS NULL
), looks AS (
  SELECT
    project_id,
    after_run_id,
    run_id
  FROM missing
  UNION ALL
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    l.run_id
  FROM ends AS e
  JOIN listed AS l
    ON l.project_id = e.project_id AND l.run_id > e.run_id
), removed AS (
  SELECT
    project_id,
    after_run_id,
    MIN(run_id) AS run_id
  FROM looks
  GROUP BY
    project_id,
    after_run_id
)
SELECT
  s.project_id,
  n.name AS project_name,
  s.integration_id,
  i.name,
  i.provider,
  i.create_time,
  i.update_time,
  i.revision_key,
  f.started_at AS first_seen_at,
  l.started_at AS last_seen_at,
  r.started_at AS removed_at,
  x.run_id IS NULL AS is_current
FROM seen AS s
JOIN spans AS z
  ON z.project_id = s.project_id AND z.last_run = s.last_run
JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
  ON i.listing_key = z.listing_key AND i.integration_id = s.integration_id
JOIN runs AS f
  ON f.run_id = s.first_run
JOIN runs AS l
  ON l.run_id = s.last_run
JOIN listed AS p
  ON p.project_id = s.project_id AND p.run_id = s.last_run
LEFT JOIN `warehouse`.`ampersand_data`.`projects` AS n
  ON n.project_key = p.project_key
LEFT JOIN removed AS x
  ON x.project_id = s.project_id AND x.after_run_id = s.last_run
LEFT JOIN runs AS r
  ON r.run_id = x.run_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`project_history` COMMENT 'One row per project and period in which its listing stayed the same.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), listed AS (
  SELECT
    p.project_id,
    p.run_id,
    p.listing_key,
    p.project_key
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
), ends AS (
  SELECT DISTINCT
    project_id,
    CAST('' AS STRING) AS run_id
  FROM known
), missing AS (
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    n.run_id
  FROM ends AS e
  JOIN `warehouse`.`ampersand_data`.`project_listings` AS n
    ON n.project_id = e.project_id AND n.run_id > e.run_id
  JOIN known AS k
    ON k.project_id = n.project_id AND k.credential = n.credential AND n.run_id > k.since
  JOIN runs AS r
    ON r.run_id = n.run_id
  WHERE
    n.outcome = 'not_found'
  UNION
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    c.run_id
  FROM ends AS e
  JOIN known AS k
    ON k.project_id = e.project_id
  JOIN `warehouse`.`ampersand_data`.`credential_listings` AS c
    ON c.credential = k.credential AND c.run_id > k.since AND c.run_id > e.run_id
  JOIN runs AS r
    ON r.run_id = c.run_id
  LEFT JOIN `warehouse`.`ampersand_data`.`project_listings` AS p
    ON p.project_id = e.project_id AND p.run_id = c.run_id AND p.outcome <> 'not_found'
  WHERE
    c.asks_for_all AND c.outcome = 'listed' AND p.run_id IS NULL
), looks AS (
  SELECT
    project_id,
    run_id,
    listing_key,
    project_key
  FROM listed
  UNION
  SELECT
    project_id,
    run_id,
    NULL AS listing_key,
    NULL AS project_key
  FROM missing
), compared AS (
  SELECT
    project_id,
    run_id,
    listing_key,
    project_key,
    LAG(listing_key) OVER (PARTITION BY project_id ORDER BY run_id NULLS LAST) AS last_listing_key
  FROM looks
), turns AS (
  SELECT
    project_id,
    run_id,
    listing_key,
    project_key,
    LEAD(run_id) OVER (PARTITION BY project_id ORDER BY run_id NULLS LAST) AS next_run_id
  FROM compared
  WHERE
    COALESCE(listing_key, '') <> COALESCE(last_listing_key, '')
)
SELECT
  t.project_id,
  p.name AS project_name,
  t.project_key,
  t.listing_key,
  f.started_at AS valid_from,
  n.started_at AS valid_to,
  t.run_id AS from_run_id,
  t.next_run_id AS to_run_id
FROM turns AS t
JOIN runs AS f
  ON f.run_id = t.run_id
LEFT JOIN runs AS n
  ON n.run_id = t.next_run_id
LEFT JOIN `warehouse`.`ampersand_data`.`projects` AS p
  ON p.project_key = t.project_key
WHERE
  NOT t.listing_key IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`integration_history` COMMENT 'One row per integration and period in which it stayed the same: what was live at a moment.' AS
WITH listed AS (
  SELECT
    h.project_id,
    h.project_name,
    i.integration_id,
    i.name,
    i.provider,
    i.revision_key,
    h.valid_from,
    h.valid_to,
    h.from_run_id,
    h.to_run_id,
    LAG(h.to_run_id) OVER (PARTITION BY h.project_id, i.integration_id ORDER BY h.from_run_id NULLS LAST) AS last_to_run_id,
    LAG(i.revision_key) OVER (PARTITION BY h.project_id, i.integration_id ORDER BY h.from_run_id NULLS LAST) AS last_revision_key,
    LAG(i.name) OVER (PARTITION BY h.project_id, i.integration_id ORDER BY h.from_run_id NULLS LAST) AS last_name,
    LAG(i.provider) OVER (PARTITION BY h.project_id, i.integration_id ORDER BY h.from_run_id NULLS LAST) AS last_provider
  FROM `warehouse`.`ampersand_data`.`project_history` AS h
  JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
    ON i.listing_key = h.listing_key AND i.project_id = h.project_id
), marked AS (
  SELECT
    project_id,
    integration_id,
    valid_from,
    valid_to,
    from_run_id,
    CASE
      WHEN last_to_run_id = from_run_id
      AND COALESCE(last_revision_key, '') = COALESCE(revision_key, '')
      AND COALESCE(last_name, '') = COALESCE(name, '')
      AND COALESCE(last_provider, '') = COALESCE(provider, '')
      THEN 0
      ELSE 1
    END AS is_turn
  FROM listed
), numbered AS (
  SELECT
    project_id,
    integration_id,
    valid_from,
    valid_to,
    from_run_id,
    SUM(is_turn) OVER (
      PARTITION BY project_id, integration_id
      ORDER BY from_run_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS period
  FROM marked
), periods AS (
  SELECT
    project_id,
    integration_id,
    MAX(from_run_id) AS last_run_id,
    MIN(valid_from) AS valid_from,
    CASE WHEN COUNT(valid_to) = COUNT(*) THEN MAX(valid_to) END AS valid_to
  FROM numbered
  GROUP BY
    project_id,
    integration_id,
    period
)
SELECT
  n.project_id,
  l.project_name,
  n.integration_id,
  l.name AS integration_name,
  l.provider,
  l.revision_key,
  r.revision_id,
  n.valid_from,
  n.valid_to
FROM periods AS n
JOIN listed AS l
  ON l.project_id = n.project_id
  AND l.integration_id = n.integration_id
  AND l.from_run_id = n.last_run_id
LEFT JOIN `warehouse`.`ampersand_data`.`revisions` AS r
  ON r.revision_key = l.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_projects` COMMENT 'One row per project that is there now: as of the last run that could list it.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), ends AS (
  SELECT
    project_id,
    MAX(last_listed) AS run_id
  FROM known
  GROUP BY
    project_id
), missing AS (
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    n.run_id
  FROM ends AS e
  JOIN `warehouse`.`ampersand_data`.`project_listings` AS n
    ON n.project_id = e.project_id AND n.run_id > e.run_id
  JOIN known AS k
    ON k.project_id = n.project_id AND k.credential = n.credential AND n.run_id > k.since
  JOIN runs AS r
    ON r.run_id = n.run_id
  WHERE
    n.outcome = 'not_found'
  UNION
  SELECT
    e.project_id,
    e.run_id AS after_run_id,
    c.run_id
  FROM ends AS e
  JOIN known AS k
    ON k.project_id = e.project_id
  JOIN `warehouse`.`ampersand_data`.`credential_listings` AS c
    ON c.credential = k.credential AND c.run_id > k.since AND c.run_id > e.run_id
  JOIN runs AS r
    ON r.run_id = c.run_id
  LEFT JOIN `warehouse`.`ampersand_data`.`project_listings` AS p
    ON p.project_id = e.project_id AND p.run_id = c.run_id AND p.outcome <> 'not_found'
  WHERE
    c.asks_for_all AND c.outcome = 'listed' AND p.run_id IS NULL
)
SELECT
  l.project_id,
  p.name,
  p.app_name,
  p.org_id,
  p.create_time,
  p.update_time,
  p.other_properties,
  l.project_key,
  l.listing_key,
  l.run_id,
  r.started_at AS listed_at
FROM ends AS e
JOIN `warehouse`.`ampersand_data`.`project_listings` AS l
  ON l.project_id = e.project_id AND l.run_id = e.run_id
JOIN runs AS r
  ON r.run_id = l.run_id
LEFT JOIN `warehouse`.`ampersand_data`.`projects` AS p
  ON p.project_key = l.project_key
LEFT JOIN (
  SELECT DISTINCT
    project_id
  FROM missing
) AS g
  ON g.project_id = l.project_id
WHERE
  g.project_id IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_integrations` COMMENT 'One row per integration that is there now.' AS
SELECT
  p.project_id,
  p.name AS project_name,
  i.integration_id,
  i.name,
  i.provider,
  r.revision_id,
  i.revision_key,
  i.create_time,
  i.update_time,
  i.other_properties,
  i.listing_key,
  p.listed_at
FROM `warehouse`.`ampersand_data`.`current_projects` AS p
JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
  ON i.listing_key = p.listing_key AND i.project_id = p.project_id
LEFT JOIN `warehouse`.`ampersand_data`.`revisions` AS r
  ON r.revision_key = i.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_revisions` COMMENT 'One row per integration that is there now and has a revision: that revision.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  r.revision_key,
  r.spec_version,
  r.create_time,
  r.content_name,
  r.content_provider,
  r.display_name,
  r.module,
  r.has_read,
  r.has_write,
  r.has_subscribe,
  r.has_proxy,
  r.proxy_enabled,
  r.proxy_use_module,
  r.watch_schema_destination_name,
  r.watch_schema_schedule,
  r.watch_schema_min_interval_minutes,
  r.content_hash,
  r.content
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revisions` AS r
  ON r.revision_key = i.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_objects` COMMENT 'One row per object entry, of any action, that is there now.' AS
WITH read_entries AS (
  SELECT
    revision_key,
    object_name,
    LOWER(object_name) AS lower_name,
    MIN(position) AS position
  FROM `warehouse`.`ampersand_data`.`revision_objects`
  WHERE
    action = 'read' AND NOT object_name IS NULL
  GROUP BY
    revision_key,
    object_name
), only_read_entries AS (
  SELECT
    revision_key,
    lower_name,
    MIN(position) AS position
  FROM read_entries
  GROUP BY
    revision_key,
    lower_name
  HAVING
    COUNT(*) = 1
), matched AS (
  SELECT
    o.object_key,
    o.revision_key,
    o.action,
    o.position,
    o.object_name,
    o.map_to_name,
    o.map_to_display_name,
    o.destination_name,
    o.schedule,
    o.schedule_runs_per_day,
    o.schedule_min_interval_minutes,
    o.enabled,
    o.optional_fields_auto,
    o.has_backfill,
    o.backfill_days,
    o.backfill_full_history,
    o.delivery_mode,
    o.delivery_page_size,
    o.inherits_mapping,
    o.allow_any_value_defaults,
    CASE
      WHEN NOT o.action IN ('write', 'subscribe')
      THEN NULL
      WHEN NOT e.position IS NULL
      THEN 'exact'
      WHEN NOT c.position IS NULL
      THEN 'case'
      ELSE 'none'
    END AS read_object_match,
    CASE
      WHEN o.action IN ('write', 'subscribe')
      THEN COALESCE(e.position, c.position)
    END AS read_position
  FROM `warehouse`.`ampersand_data`.`revision_objects` AS o
  LEFT JOIN read_entries AS e
    ON e.revision_key = o.revision_key AND e.object_name = o.object_name
  LEFT JOIN only_read_entries AS c
    ON c.revision_key = o.revision_key AND c.lower_name = LOWER(o.object_name)
)
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  o.object_key,
  o.revision_key,
  o.action,
  o.position,
  o.object_name,
  o.map_to_name,
  o.map_to_display_name,
  o.destination_name,
  o.schedule,
  o.schedule_runs_per_day,
  o.schedule_min_interval_minutes,
  o.enabled,
  o.optional_fields_auto,
  o.has_backfill,
  o.backfill_days,
  o.backfill_full_history,
  o.delivery_mode,
  o.delivery_page_size,
  o.inherits_mapping,
  o.allow_any_value_defaults,
  CASE
    WHEN o.action = 'read'
    THEN COALESCE(o.map_to_name, o.object_name)
    WHEN o.inherits_mapping AND NOT r.object_key IS NULL
    THEN COALESCE(r.map_to_name, r.object_name)
    ELSE o.object_name
  END AS effective_object_name,
  r.object_key AS read_object_key,
  o.read_object_match
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN matched AS o
  ON o.revision_key = i.revision_key
LEFT JOIN `warehouse`.`ampersand_data`.`revision_objects` AS r
  ON r.revision_key = o.revision_key
  AND r.action = 'read'
  AND r.position = o.read_position;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_read_objects` COMMENT 'One row per read object that is there now.' AS
SELECT
  project_id,
  project_name,
  integration_id,
  integration_name,
  provider,
  revision_id,
  o.object_key,
  o.revision_key,
  o.position,
  o.object_name,
  o.map_to_name,
  o.map_to_display_name,
  o.destination_name,
  o.schedule,
  o.schedule_runs_per_day,
  o.schedule_min_interval_minutes,
  o.enabled,
  o.optional_fields_auto,
  o.has_backfill,
  o.backfill_days,
  o.backfill_full_history,
  o.delivery_mode,
  o.delivery_page_size,
  o.effective_object_name,
  NOT o.schedule IS NULL AS is_scheduled,
  COALESCE(o.enabled IN ('always', 'true'), FALSE) AS is_always_read,
  CASE
    WHEN o.backfill_full_history
    THEN 'full_history'
    WHEN o.backfill_days > 0
    THEN 'days'
    ELSE 'none'
  END AS backfill_kind
FROM `warehouse`.`ampersand_data`.`current_objects` AS o
WHERE
  o.action = 'read';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_write_objects` COMMENT 'One row per write object that is there now.' AS
SELECT
  project_id,
  project_name,
  integration_id,
  integration_name,
  provider,
  revision_id,
  o.object_key,
  o.revision_key,
  o.position,
  o.object_name,
  o.inherits_mapping,
  o.allow_any_value_defaults,
  o.effective_object_name,
  o.read_object_key,
  o.read_object_match
FROM `warehouse`.`ampersand_data`.`current_objects` AS o
WHERE
  o.action = 'write';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_subscribe_objects` COMMENT 'One row per subscribe object that is there now.' AS
SELECT
  project_id,
  project_name,
  integration_id,
  integration_name,
  provider,
  revision_id,
  o.object_key,
  o.revision_key,
  o.position,
  o.object_name,
  o.destination_name,
  o.inherits_mapping,
  o.effective_object_name,
  o.read_object_key,
  o.read_object_match
FROM `warehouse`.`ampersand_data`.`current_objects` AS o
WHERE
  o.action = 'subscribe';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_fields` COMMENT 'One row per field entry of a read object that is there now.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  x.field_key,
  x.revision_key,
  x.object_key,
  x.object_name,
  x.is_required,
  x.position,
  x.field_name,
  x.map_to_name,
  x.map_to_display_name,
  x.default_field_name,
  x.prompt,
  CAST('read' AS STRING) AS action,
  COALESCE(x.map_to_name, x.field_name) AS effective_field_name,
  CASE
    WHEN NOT x.field_name IS NULL
    THEN 'existent'
    WHEN NOT x.map_to_name IS NULL
    THEN 'mapping'
    ELSE 'unknown'
  END AS field_kind
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revision_fields` AS x
  ON x.revision_key = i.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_subscribe_events` COMMENT 'One row per event of a subscribe object that is there now.' AS
WITH watched AS (
  SELECT
    event_key,
    COUNT(*) AS fields
  FROM `warehouse`.`ampersand_data`.`revision_watch_fields`
  GROUP BY
    event_key
)
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  x.event_key,
  x.revision_key,
  x.object_key,
  x.object_name,
  x.destination_name,
  x.event_type,
  x.event_name,
  x.position,
  x.enabled,
  x.watch_fields_auto,
  x.include_full_records,
  x.event_type = 'other' OR COALESCE(x.enabled IN ('always', 'true'), FALSE) AS is_enabled,
  CASE
    WHEN x.event_type <> 'update'
    THEN NULL
    WHEN NOT x.watch_fields_auto IS NULL AND w.fields > 0
    THEN 'conflict'
    WHEN NOT x.watch_fields_auto IS NULL
    THEN x.watch_fields_auto
    WHEN w.fields > 0
    THEN 'explicit'
    ELSE 'none'
  END AS watch_mode
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revision_subscribe_events` AS x
  ON x.revision_key = i.revision_key
LEFT JOIN watched AS w
  ON w.event_key = x.event_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_watch_fields` COMMENT 'One row per named field whose changes trigger an update event now.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  x.watch_field_key,
  x.revision_key,
  x.event_key,
  x.object_key,
  x.position,
  x.watch_field
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revision_watch_fields` AS x
  ON x.revision_key = i.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_schema_watch_events` COMMENT 'One row per event under `watchSchema` that is there now.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  x.schema_watch_event_key,
  x.revision_key,
  x.scope,
  x.event_type,
  x.enabled,
  x.destination_name,
  x.schedule
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS x
  ON x.revision_key = i.revision_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_unmapped_properties` COMMENT 'One row per value, in what is there now, that no column holds.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  x.unmapped_property_key,
  x.revision_key,
  x.listing_key,
  x.json_path,
  x.property_name,
  x.value,
  x.reason,
  x.parent_table,
  x.parent_key
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
JOIN `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS x
  ON x.revision_key = i.revision_key
UNION ALL
SELECT
  p.project_id,
  p.name,
  i.integration_id,
  i.name,
  i.provider,
  NULL,
  x.unmapped_property_key,
  x.revision_key,
  x.listing_key,
  x.json_path,
  x.property_name,
  x.value,
  x.reason,
  x.parent_table,
  x.parent_key
FROM `warehouse`.`ampersand_data`.`current_projects` AS p
JOIN `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS x
  ON x.listing_key = p.listing_key
LEFT JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
  ON i.listing_key = x.listing_key
  AND x.parent_table = 'listing_integrations'
  AND x.parent_key = x.listing_key || ':' || i.integration_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`revision_changes` COMMENT 'One row per change between two successive listings of a project: a thing, or property of one, that was added, removed or changed.' AS
WITH sides AS (
  SELECT
    h.project_id,
    s.side,
    h.project_key,
    h.listing_key,
    h.project_name,
    CASE s.side WHEN 'old' THEN h.to_run_id ELSE h.from_run_id END AS run_id,
    CASE s.side WHEN 'old' THEN h.valid_to ELSE h.valid_from END AS first_seen_at
  FROM (
    SELECT
      p.*,
      MIN(p.from_run_id) OVER (PARTITION BY p.project_id) AS first_run_id
    FROM `warehouse`.`ampersand_data`.`project_history` AS p
  ) AS h
  CROSS JOIN (
    SELECT
      'old' AS side
    UNION ALL
    SELECT
      'new'
  ) AS s
  WHERE
    CASE s.side
      WHEN 'old'
      THEN NOT h.to_run_id IS NULL
      ELSE h.from_run_id <> h.first_run_id
    END
), projects_beside AS (
  SELECT
    s.project_id,
    s.run_id,
    s.first_seen_at,
    COUNT(CASE WHEN s.side = 'old' THEN 1 END) AS is_old,
    COUNT(CASE WHEN s.side = 'new' THEN 1 END) AS is_new,
    COALESCE(MAX(CASE WHEN s.side = 'new' THEN s.project_name END), MAX(s.project_name)) AS project_name,
    CAST(NULL AS STRING) AS integration_id,
    CAST(NULL AS STRING) AS integration_name,
    CAST(NULL AS STRING) AS provider,
    CAST(NULL AS STRING) AS old_revision_key,
    CAST(NULL AS STRING) AS new_revision_key,
    MAX(CASE WHEN s.side = 'old' THEN s.name END) AS old_name,
    MAX(CASE WHEN s.side = 'new' THEN s.name END) AS new_name,
    MAX(CASE WHEN s.side = 'old' THEN s.app_name END) AS old_app_name,
    MAX(CASE WHEN s.side = 'new' THEN s.app_name END) AS new_app_name,
    MAX(CASE WHEN s.side = 'old' THEN s.org_id END) AS old_org_id,
    MAX(CASE WHEN s.side = 'new' THEN s.org_id END) AS new_org_id,
    MAX(CASE WHEN s.side = 'old' THEN s.other_properties END) AS old_other_properties,
    MAX(CASE WHEN s.side = 'new' THEN s.other_properties END) AS new_other_properties
  FROM (
    SELECT
      s.*,
      p.name,
      p.app_name,
      p.org_id,
      p.other_properties
    FROM sides AS s
    LEFT JOIN `warehouse`.`ampersand_data`.`projects` AS p
      ON p.project_key = s.project_key
  ) AS s
  GROUP BY
    s.project_id,
    s.run_id,
    s.first_seen_at
), integrations_beside AS (
  SELECT
    i.project_id,
    i.run_id,
    i.first_seen_at,
    i.integration_id,
    COUNT(CASE WHEN i.side = 'old' THEN 1 END) AS is_old,
    COUNT(CASE WHEN i.side = 'new' THEN 1 END) AS is_new,
    MAX(CASE WHEN i.side = 'old' THEN i.revision_key END) AS old_revision_key,
    MAX(CASE WHEN i.side = 'new' THEN i.revision_key END) AS new_revision_key,
    MAX(CASE WHEN i.side = 'old' THEN i.name END) AS old_name,
    MAX(CASE WHEN i.side = 'new' THEN i.name END) AS new_name,
    MAX(CASE WHEN i.side = 'old' THEN i.provider END) AS old_provider,
    MAX(CASE WHEN i.side = 'new' THEN i.provider END) AS new_provider,
    MAX(CASE WHEN i.side = 'old' THEN i.other_properties END) AS old_other_properties,
    MAX(CASE WHEN i.side = 'new' THEN i.other_properties END) AS new_other_properties
  FROM (
    SELECT
      s.project_id,
      s.run_id,
      s.first_seen_at,
      s.side,
      l.integration_id,
      l.revision_key,
      l.name,
      l.provider,
      l.other_properties
    FROM sides AS s
    JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS l
      ON l.listing_key = s.listing_key AND l.project_id = s.project_id
  ) AS i
  GROUP BY
    i.project_id,
    i.run_id,
    i.first_seen_at,
    i.integration_id
), integrations_named AS (
  SELECT
    i.*,
    p.project_name,
    COALESCE(i.new_name, i.old_name) AS integration_name,
    COALESCE(i.new_provider, i.old_provider) AS provider
  FROM integrations_beside AS i
  JOIN projects_beside AS p
    ON p.project_id = i.project_id AND p.run_id = i.run_id
), pairs AS (
  SELECT
    *
  FROM integrations_named
  WHERE
    is_old > 0
    AND is_new > 0
    AND COALESCE(old_revision_key, '') <> COALESCE(new_revision_key, '')
), content_sides AS (
  SELECT
    p.project_id,
    p.run_id,
    p.integration_id,
    s.side,
    CASE s.side WHEN 'old' THEN p.old_revision_key ELSE p.new_revision_key END AS content_key
  FROM pairs AS p
  CROSS JOIN (
    SELECT
      'old' AS side
    UNION ALL
    SELECT
      'new'
  ) AS s
), contents AS (
  SELECT DISTINCT
    content_key AS revision_key
  FROM content_sides
  WHERE
    NOT content_key IS NULL
), objects AS (
  SELECT
    o.*,
    ROW_NUMBER() OVER (
      PARTITION BY o.revision_key, o.action, o.object_name
      ORDER BY o.position NULLS LAST
    ) AS object_nth
  FROM `warehouse`.`ampersand_data`.`revision_objects` AS o
  JOIN contents AS c
    ON c.revision_key = o.revision_key
), events AS (
  SELECT
    e.*,
    o.action,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY e.object_key, e.event_type, e.event_name
      ORDER BY e.position NULLS LAST
    ) AS nth
  FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS e
  JOIN objects AS o
    ON o.object_key = e.object_key
), things AS (
  SELECT
    r.revision_key,
    r.revision_key AS thing_key,
    'revision' AS kind,
    CAST(NULL AS STRING) AS action,
    CAST(NULL AS STRING) AS object_name,
    CAST(NULL AS STRING) AS field_name,
    CAST(NULL AS STRING) AS event_type,
    CAST(NULL AS STRING) AS event_name,
    1 AS object_nth,
    1 AS nth,
    r.revision_id AS detail
  FROM `warehouse`.`ampersand_data`.`revisions` AS r
  JOIN contents AS c
    ON c.revision_key = r.revision_key
  UNION ALL
  SELECT
    revision_key,
    object_key,
    'object',
    action,
    object_name,
    NULL,
    NULL,
    NULL,
    object_nth,
    1,
    destination_name
  FROM objects
  UNION ALL
  SELECT
    f.revision_key,
    f.field_key,
    'field',
    o.action,
    o.object_name,
    COALESCE(NULLIF(f.field_name, ''), f.map_to_name),
    NULL,
    NULL,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY f.object_key, COALESCE(NULLIF(f.field_name, ''), f.map_to_name)
      ORDER BY f.map_to_name NULLS LAST, f.is_required DESC, f.position NULLS LAST
    ),
    CASE WHEN f.is_required THEN 'required' ELSE 'optional' END
  FROM `warehouse`.`ampersand_data`.`revision_fields` AS f
  JOIN objects AS o
    ON o.object_key = f.object_key
  UNION ALL
  SELECT
    revision_key,
    event_key,
    'event',
    action,
    object_name,
    NULL,
    event_type,
    event_name,
    object_nth,
    nth,
    enabled
  FROM events
  UNION ALL
  SELECT
    w.revision_key,
    w.watch_field_key,
    'watch_field',
    e.action,
    e.object_name,
    w.watch_field,
    e.event_type,
    e.event_name,
    e.object_nth,
    ROW_NUMBER() OVER (PARTITION BY w.event_key, w.watch_field ORDER BY w.position NULLS LAST),
    NULL
  FROM `warehouse`.`ampersand_data`.`revision_watch_fields` AS w
  JOIN events AS e
    ON e.event_key = w.event_key
  UNION ALL
  SELECT
    s.revision_key,
    s.schema_watch_event_key,
    'schema_watch_event',
    NULL,
    s.scope,
    NULL,
    s.event_type,
    NULL,
    1,
    1,
    s.enabled
  FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS s
  JOIN contents AS c
    ON c.revision_key = s.revision_key
), facts AS (
  SELECT
    thing_key,
    '' AS property,
    1 AS property_nth,
    detail AS value
  FROM things
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.revision_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.revision_id
        WHEN 1
        THEN x.spec_version
        WHEN 2
        THEN x.content_name
        WHEN 3
        THEN x.content_provider
        WHEN 4
        THEN x.display_name
        WHEN 5
        THEN x.module
        WHEN 6
        THEN CASE WHEN x.has_read THEN 'true' WHEN NOT x.has_read THEN 'false' END
        WHEN 7
        THEN CASE WHEN x.has_write THEN 'true' WHEN NOT x.has_write THEN 'false' END
        WHEN 8
        THEN CASE WHEN x.has_subscribe THEN 'true' WHEN NOT x.has_subscribe THEN 'false' END
        WHEN 9
        THEN CASE WHEN x.has_proxy THEN 'true' WHEN NOT x.has_proxy THEN 'false' END
        WHEN 10
        THEN CASE WHEN x.proxy_enabled THEN 'true' WHEN NOT x.proxy_enabled THEN 'false' END
        WHEN 11
        THEN CASE WHEN x.proxy_use_module THEN 'true' WHEN NOT x.proxy_use_module THEN 'false' END
        WHEN 12
        THEN x.watch_schema_destination_name
        WHEN 13
        THEN x.watch_schema_schedule
      END AS value
    FROM `warehouse`.`ampersand_data`.`revisions` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('revision_id' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('spec_version' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('content_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('content_provider' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('display_name' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('module' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_read' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('has_write' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('has_subscribe' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('has_proxy' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('proxy_enabled' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('proxy_use_module' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('watch_schema_destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        13 AS number,
        CAST('watch_schema_schedule' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.object_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.map_to_name
        WHEN 1
        THEN x.map_to_display_name
        WHEN 2
        THEN x.destination_name
        WHEN 3
        THEN x.schedule
        WHEN 4
        THEN x.enabled
        WHEN 5
        THEN x.optional_fields_auto
        WHEN 6
        THEN CASE WHEN x.has_backfill THEN 'true' WHEN NOT x.has_backfill THEN 'false' END
        WHEN 7
        THEN CAST(x.backfill_days AS STRING)
        WHEN 8
        THEN CASE
          WHEN x.backfill_full_history
          THEN 'true'
          WHEN NOT x.backfill_full_history
          THEN 'false'
        END
        WHEN 9
        THEN x.delivery_mode
        WHEN 10
        THEN CAST(x.delivery_page_size AS STRING)
        WHEN 11
        THEN CASE WHEN x.inherits_mapping THEN 'true' WHEN NOT x.inherits_mapping THEN 'false' END
        WHEN 12
        THEN CASE
          WHEN x.allow_any_value_defaults
          THEN 'true'
          WHEN NOT x.allow_any_value_defaults
          THEN 'false'
        END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_objects` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('schedule' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('optional_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_backfill' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('backfill_days' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('backfill_full_history' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('delivery_mode' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('delivery_page_size' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('inherits_mapping' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('allow_any_value_defaults' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.field_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN CASE WHEN x.is_required THEN 'true' WHEN NOT x.is_required THEN 'false' END
        WHEN 1
        THEN x.map_to_name
        WHEN 2
        THEN x.map_to_display_name
        WHEN 3
        THEN x.default_field_name
        WHEN 4
        THEN x.prompt
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_fields` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('is_required' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('default_field_name' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('prompt' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.event_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.enabled
        WHEN 1
        THEN x.watch_fields_auto
        WHEN 2
        THEN CASE
          WHEN x.include_full_records
          THEN 'true'
          WHEN NOT x.include_full_records
          THEN 'false'
        END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('watch_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('include_full_records' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.schema_watch_event_key AS thing_key,
      n.property,
      CASE n.number WHEN 0 THEN x.scope WHEN 1 THEN x.enabled END AS value
    FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('scope' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('enabled' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    COALESCE(t.thing_key, u.revision_key),
    u.property_name,
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(t.thing_key, u.revision_key), u.property_name
      ORDER BY u.value NULLS LAST
    ),
    u.value
  FROM `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  JOIN contents AS c
    ON c.revision_key = u.revision_key
  LEFT JOIN things AS t
    ON t.thing_key = u.parent_key
), compared AS (
  SELECT
    p.project_id,
    p.run_id,
    p.integration_id,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    COUNT(CASE WHEN p.side = 'old' THEN 1 END) AS is_old,
    COUNT(CASE WHEN p.side = 'new' THEN 1 END) AS is_new,
    MAX(CASE WHEN p.side = 'old' THEN f.value END) AS old_value,
    MAX(CASE WHEN p.side = 'new' THEN f.value END) AS new_value
  FROM content_sides AS p
  JOIN things AS t
    ON t.revision_key = p.content_key
  JOIN facts AS f
    ON f.thing_key = t.thing_key
  GROUP BY
    p.project_id,
    p.run_id,
    p.integration_id,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    f.property_nth
), judged AS (
  SELECT
    c.*,
    MAX(CASE WHEN c.property = '' THEN 1 ELSE 0 END) OVER (
      PARTITION BY c.project_id, c.run_id, c.integration_id, c.kind, c.action, c.object_name, c.field_name, c.event_type, c.event_name, c.object_nth, c.nth
    ) AS is_one_sided
  FROM compared AS c
  WHERE
    c.is_old = 0
    OR c.is_new = 0
    OR (
      c.property <> '' AND c.old_value <> c.new_value
    )
), differences AS (
  SELECT
    *
  FROM judged
  WHERE
    property = '' OR is_one_sided = 0
)
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  d.kind,
  CASE
    WHEN d.property <> ''
    THEN 'changed'
    WHEN d.is_old = 0
    THEN 'added'
    ELSE 'removed'
  END AS change,
  d.action,
  d.object_name,
  d.field_name,
  d.event_type,
  d.event_name,
  NULLIF(d.property, '') AS property,
  d.old_value,
  d.new_value
FROM differences AS d
JOIN pairs AS x
  ON x.project_id = d.project_id
  AND x.run_id = d.run_id
  AND x.integration_id = d.integration_id
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'project' AS kind,
  CASE WHEN x.is_old = 0 THEN 'added' ELSE 'removed' END AS change,
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  CAST(NULL AS STRING) AS property,
  CAST(NULL AS STRING) AS old_value,
  CAST(NULL AS STRING) AS new_value
FROM projects_beside AS x
WHERE
  x.is_old = 0 OR x.is_new = 0
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'project',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'name',
  x.old_name,
  x.new_name
FROM projects_beside AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_name, '') <> COALESCE(x.new_name, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'project',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'app_name',
  x.old_app_name,
  x.new_app_name
FROM projects_beside AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_app_name, '') <> COALESCE(x.new_app_name, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'project',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'org_id',
  x.old_org_id,
  x.new_org_id
FROM projects_beside AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_org_id, '') <> COALESCE(x.new_org_id, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'project',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'other_properties',
  x.old_other_properties,
  x.new_other_properties
FROM projects_beside AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_other_properties, '') <> COALESCE(x.new_other_properties, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'integration' AS kind,
  CASE WHEN x.is_old = 0 THEN 'added' ELSE 'removed' END AS change,
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  CAST(NULL AS STRING) AS property,
  CAST(NULL AS STRING) AS old_value,
  CAST(NULL AS STRING) AS new_value
FROM integrations_named AS x
WHERE
  x.is_old = 0 OR x.is_new = 0
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'integration',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'name',
  x.old_name,
  x.new_name
FROM integrations_named AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_name, '') <> COALESCE(x.new_name, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'integration',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'provider',
  x.old_provider,
  x.new_provider
FROM integrations_named AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_provider, '') <> COALESCE(x.new_provider, '')
UNION ALL
SELECT
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.old_revision_key,
  x.new_revision_key,
  x.first_seen_at,
  'integration',
  'changed',
  CAST(NULL AS STRING) AS action,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CAST(NULL AS STRING) AS event_type,
  CAST(NULL AS STRING) AS event_name,
  'other_properties',
  x.old_other_properties,
  x.new_other_properties
FROM integrations_named AS x
WHERE
  x.is_old > 0
  AND x.is_new > 0
  AND COALESCE(x.old_other_properties, '') <> COALESCE(x.new_other_properties, '');

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`integration_inventory` COMMENT 'One row per integration that is there now, with counts of what is in it.' AS
WITH revisions_now AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_revisions`
), objects_now AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
), objects AS (
  SELECT
    project_id,
    integration_id,
    COUNT(CASE WHEN action = 'read' THEN 1 END) AS read_objects,
    COUNT(CASE WHEN action = 'write' THEN 1 END) AS write_objects,
    COUNT(CASE WHEN action = 'subscribe' THEN 1 END) AS subscribe_objects,
    COUNT(CASE WHEN NOT action IN ('read', 'write', 'subscribe') THEN 1 END) AS other_objects
  FROM objects_now
  GROUP BY
    project_id,
    integration_id
), fields AS (
  SELECT
    project_id,
    integration_id,
    COUNT(CASE WHEN is_required THEN 1 END) AS required_fields,
    COUNT(CASE WHEN NOT is_required THEN 1 END) AS optional_fields
  FROM `warehouse`.`ampersand_data`.`current_fields`
  GROUP BY
    project_id,
    integration_id
), events AS (
  SELECT
    project_id,
    integration_id,
    COUNT(*) AS events
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events`
  WHERE
    is_enabled
  GROUP BY
    project_id,
    integration_id
), named AS (
  SELECT
    project_id,
    integration_id,
    destination_name
  FROM objects_now
  UNION ALL
  SELECT
    project_id,
    integration_id,
    watch_schema_destination_name
  FROM revisions_now
), destinations AS (
  SELECT
    project_id,
    integration_id,
    COUNT(DISTINCT destination_name) AS destinations
  FROM named
  GROUP BY
    project_id,
    integration_id
)
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_id,
  r.display_name,
  r.module,
  COALESCE(o.read_objects, 0) AS read_objects,
  COALESCE(o.write_objects, 0) AS write_objects,
  COALESCE(o.subscribe_objects, 0) AS subscribe_objects,
  COALESCE(o.other_objects, 0) AS other_objects,
  COALESCE(f.required_fields, 0) AS required_fields,
  COALESCE(f.optional_fields, 0) AS optional_fields,
  COALESCE(e.events, 0) AS events,
  COALESCE(r.proxy_enabled, FALSE) AS has_proxy,
  COALESCE(d.destinations, 0) AS destinations,
  i.create_time,
  r.create_time AS deploy_time
FROM `warehouse`.`ampersand_data`.`current_integrations` AS i
LEFT JOIN revisions_now AS r
  ON r.project_id = i.project_id AND r.integration_id = i.integration_id
LEFT JOIN objects AS o
  ON o.project_id = i.project_id AND o.integration_id = i.integration_id
LEFT JOIN fields AS f
  ON f.project_id = i.project_id AND f.integration_id = i.integration_id
LEFT JOIN events AS e
  ON e.project_id = i.project_id AND e.integration_id = i.integration_id
LEFT JOIN destinations AS d
  ON d.project_id = i.project_id AND d.integration_id = i.integration_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`object_coverage` COMMENT 'One row per provider and object, with who does what with it now: how many integrations and projects. Names are compared as the manifests spell them, since the API tells them apart by case; an object that is written or subscribed to counts under the name of its read object, if any.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
), named AS (
  SELECT
    o.provider,
    COALESCE(r.object_name, o.object_name) AS object_name,
    o.action,
    o.project_id,
    o.project_id || ':' || o.integration_id AS integration
  FROM objects AS o
  LEFT JOIN objects AS r
    ON r.object_key = o.read_object_key
)
SELECT
  provider,
  object_name,
  COUNT(DISTINCT CASE WHEN action = 'read' THEN integration END) AS reading_integrations,
  COUNT(DISTINCT CASE WHEN action = 'read' THEN project_id END) AS reading_projects,
  COUNT(DISTINCT CASE WHEN action = 'write' THEN integration END) AS writing_integrations,
  COUNT(DISTINCT CASE WHEN action = 'write' THEN project_id END) AS writing_projects,
  COUNT(DISTINCT CASE WHEN action = 'subscribe' THEN integration END) AS subscribing_integrations,
  COUNT(DISTINCT CASE WHEN action = 'subscribe' THEN project_id END) AS subscribing_projects,
  COUNT(DISTINCT integration) AS integrations,
  COUNT(DISTINCT project_id) AS projects
FROM named
GROUP BY
  provider,
  object_name;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`destination_usage` COMMENT 'One row per object, or `watchSchema`, that delivers to a destination now: all that hangs on an Ampersand destination of a project.' AS
WITH events AS (
  SELECT
    object_key,
    COUNT(*) AS events
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events`
  WHERE
    is_enabled
  GROUP BY
    object_key
), schema_events AS (
  SELECT
    project_id,
    integration_id,
    COUNT(*) AS events
  FROM `warehouse`.`ampersand_data`.`current_schema_watch_events`
  WHERE
    enabled IN ('always', 'true')
  GROUP BY
    project_id,
    integration_id
)
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  o.destination_name,
  o.action,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  o.schedule,
  COALESCE(e.events, 0) AS events
FROM `warehouse`.`ampersand_data`.`current_objects` AS o
LEFT JOIN events AS e
  ON e.object_key = o.object_key
WHERE
  NOT o.destination_name IS NULL
UNION ALL
SELECT
  r.project_id,
  r.project_name,
  r.integration_id,
  r.integration_name,
  r.provider,
  r.revision_id,
  r.watch_schema_destination_name,
  'watch_schema',
  NULL,
  NULL,
  NULL,
  r.watch_schema_schedule,
  COALESCE(s.events, 0)
FROM `warehouse`.`ampersand_data`.`current_revisions` AS r
LEFT JOIN schema_events AS s
  ON s.project_id = r.project_id AND s.integration_id = r.integration_id
WHERE
  NOT r.watch_schema_destination_name IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`field_lineage` COMMENT 'One row per field that is delivered or accepted now: which field of the provider is behind which name. Fields of a read object are there again for each object that is written or subscribed to with its mapping. What customers add by themselves is not: see broad_access.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
), sources AS (
  SELECT
    object_key,
    object_key AS source_key,
    FALSE AS is_inherited
  FROM objects
  WHERE
    action = 'read'
  UNION ALL
  SELECT
    object_key,
    read_object_key,
    TRUE
  FROM objects
  WHERE
    inherits_mapping AND NOT read_object_key IS NULL
)
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  o.action,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  o.destination_name,
  f.field_key,
  f.field_name,
  f.effective_field_name,
  f.field_kind,
  f.is_required,
  f.default_field_name,
  s.is_inherited
FROM sources AS s
JOIN objects AS o
  ON o.object_key = s.object_key
JOIN `warehouse`.`ampersand_data`.`current_fields` AS f
  ON f.object_key = s.source_key
WHERE
  NOT f.effective_field_name IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`personal_data_patterns` COMMENT 'One row per pattern of names that count as personal data. Patterns can be replaced.' AS
WITH patterns AS (
  SELECT
    0 AS position,
    CAST('' AS STRING) AS personal_data_kind,
    CAST('' AS STRING) AS pattern
  UNION ALL
  SELECT
    0,
    'email',
    '%email%'
  UNION ALL
  SELECT
    1,
    'phone',
    '%phone%'
  UNION ALL
  SELECT
    2,
    'phone',
    '%mobile%'
  UNION ALL
  SELECT
    3,
    'phone',
    'fax'
  UNION ALL
  SELECT
    4,
    'phone',
    '%faxnumber%'
  UNION ALL
  SELECT
    5,
    'ip_address',
    '%ipaddress%'
  UNION ALL
  SELECT
    6,
    'address',
    '%address%'
  UNION ALL
  SELECT
    7,
    'address',
    '%street%'
  UNION ALL
  SELECT
    8,
    'address',
    '%postalcode%'
  UNION ALL
  SELECT
    9,
    'address',
    '%postcode%'
  UNION ALL
  SELECT
    10,
    'address',
    '%zipcode%'
  UNION ALL
  SELECT
    11,
    'address',
    'zip'
  UNION ALL
  SELECT
    12,
    'address',
    'city'
  UNION ALL
  SELECT
    13,
    'name',
    '%firstname%'
  UNION ALL
  SELECT
    14,
    'name',
    '%lastname%'
  UNION ALL
  SELECT
    15,
    'name',
    '%middlename%'
  UNION ALL
  SELECT
    16,
    'name',
    '%fullname%'
  UNION ALL
  SELECT
    17,
    'name',
    '%givenname%'
  UNION ALL
  SELECT
    18,
    'name',
    '%familyname%'
  UNION ALL
  SELECT
    19,
    'name',
    '%surname%'
  UNION ALL
  SELECT
    20,
    'birth',
    '%birth%'
  UNION ALL
  SELECT
    21,
    'birth',
    'dob'
  UNION ALL
  SELECT
    22,
    'identity_number',
    'ssn'
  UNION ALL
  SELECT
    23,
    'identity_number',
    '%socialsecurity%'
  UNION ALL
  SELECT
    24,
    'identity_number',
    '%nationalid%'
  UNION ALL
  SELECT
    25,
    'identity_number',
    '%passport%'
  UNION ALL
  SELECT
    26,
    'identity_number',
    '%taxid%'
  UNION ALL
  SELECT
    27,
    'bank_account',
    'iban'
  UNION ALL
  SELECT
    28,
    'bank_account',
    '%bankaccount%'
)
SELECT
  position,
  personal_data_kind,
  pattern
FROM patterns
WHERE
  pattern <> '';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`personal_data_fields` COMMENT 'One row per field that is read now and that looks like personal data: its name at the provider, its delivered name or the field suggested for it is like one of personal_data_patterns.' AS
WITH fields AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_fields`
), names AS (
  SELECT
    field_key,
    REPLACE(REPLACE(REPLACE(REPLACE(LOWER(field_name), '_', ''), '-', ''), '.', ''), ' ', '') AS name
  FROM fields
  UNION
  SELECT
    field_key,
    REPLACE(REPLACE(REPLACE(REPLACE(LOWER(map_to_name), '_', ''), '-', ''), '.', ''), ' ', '')
  FROM fields
  UNION
  SELECT
    field_key,
    REPLACE(
      REPLACE(REPLACE(REPLACE(LOWER(default_field_name), '_', ''), '-', ''), '.', ''),
      ' ',
      ''
    )
  FROM fields
), patterns AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`personal_data_patterns`
), personal AS (
  SELECT
    n.name,
    MIN(p.position) AS position
  FROM (
    SELECT DISTINCT
      name
    FROM names
  ) AS n
  JOIN patterns AS p
    ON n.name LIKE p.pattern
  GROUP BY
    n.name
), matched AS (
  SELECT
    n.field_key,
    MIN(p.position) AS position
  FROM names AS n
  JOIN personal AS p
    ON p.name = n.name
  GROUP BY
    n.field_key
)
SELECT
  f.project_id,
  f.project_name,
  f.integration_id,
  f.integration_name,
  f.provider,
  f.revision_id,
  f.object_key,
  f.object_name,
  o.effective_object_name,
  o.destination_name,
  f.field_key,
  f.field_name,
  f.effective_field_name,
  p.personal_data_kind,
  f.is_required,
  o.is_always_read
FROM matched AS m
JOIN patterns AS p
  ON p.position = m.position
JOIN fields AS f
  ON f.field_key = m.field_key
JOIN `warehouse`.`ampersand_data`.`current_read_objects` AS o
  ON o.object_key = f.object_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`broad_access` COMMENT 'One row per permission that reaches further than the fields of a manifest.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
)
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  'read_any_field' AS access,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  o.destination_name
FROM objects AS o
WHERE
  o.optional_fields_auto = 'all'
UNION ALL
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  'default_any_field',
  o.object_key,
  o.object_name,
  o.effective_object_name,
  o.destination_name
FROM objects AS o
WHERE
  o.allow_any_value_defaults
UNION ALL
SELECT
  r.project_id,
  r.project_name,
  r.integration_id,
  r.integration_name,
  r.provider,
  r.revision_id,
  'proxy',
  NULL,
  NULL,
  NULL,
  NULL
FROM `warehouse`.`ampersand_data`.`current_revisions` AS r
WHERE
  r.proxy_enabled;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`scheduled_reads` COMMENT 'One row per project and provider that is read, and how often: how many scheduled reads begin, for each customer that has installed everything. A read may take several calls of the provider\'s API.' AS
SELECT
  project_id,
  project_name,
  provider,
  COUNT(DISTINCT integration_id) AS integrations,
  COUNT(CASE WHEN is_scheduled THEN 1 END) AS scheduled_objects,
  COUNT(CASE WHEN NOT is_scheduled THEN 1 END) AS unscheduled_objects,
  COUNT(CASE WHEN is_scheduled AND schedule_runs_per_day IS NULL THEN 1 END) AS unreadable_schedules,
  COALESCE(SUM(schedule_runs_per_day), 0e0) / 24e0 AS reads_per_hour,
  COALESCE(SUM(schedule_runs_per_day), 0e0) AS reads_per_day,
  MIN(schedule_min_interval_minutes) AS min_interval_minutes
FROM `warehouse`.`ampersand_data`.`current_read_objects`
GROUP BY
  project_id,
  project_name,
  provider;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`backfill_policies` COMMENT 'One row per read object that is there now, and its first read: how much history is read when a customer installs.' AS
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  o.destination_name,
  o.backfill_kind,
  o.backfill_days,
  NOT o.backfill_days IS NULL OR NOT o.backfill_full_history IS NULL AS is_declared,
  o.is_always_read,
  o.schedule
FROM `warehouse`.`ampersand_data`.`current_read_objects` AS o;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`object_freshness` COMMENT 'One row per object that is read or subscribed to now, and how late it is: whether its changes arrive by events or with the next read, and how long that takes. An object that is read has one row, with the events of the subscribe objects of its name.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
), events AS (
  SELECT
    object_key,
    event_type
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events`
  WHERE
    is_enabled
), told AS (
  SELECT
    COALESCE(o.read_object_key, o.object_key) AS object_key,
    COUNT(CASE WHEN e.event_type = 'create' THEN 1 END) AS create_events,
    COUNT(CASE WHEN e.event_type = 'update' THEN 1 END) AS update_events,
    COUNT(CASE WHEN e.event_type = 'delete' THEN 1 END) AS delete_events,
    COUNT(CASE WHEN e.event_type = 'association_change' THEN 1 END) AS association_change_events,
    COUNT(CASE WHEN e.event_type = 'other' THEN 1 END) AS other_events
  FROM objects AS o
  JOIN events AS e
    ON e.object_key = o.object_key
  GROUP BY
    COALESCE(o.read_object_key, o.object_key)
)
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.revision_id,
  o.action,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  CASE
    WHEN NOT t.object_key IS NULL
    THEN 'real_time'
    WHEN NOT o.schedule IS NULL
    THEN 'polled'
    WHEN o.action = 'read'
    THEN 'on_demand'
    ELSE 'never'
  END AS freshness,
  COALESCE(t.create_events, 0) > 0 AS has_create_events,
  COALESCE(t.update_events, 0) > 0 AS has_update_events,
  COALESCE(t.delete_events, 0) > 0 AS has_delete_events,
  COALESCE(t.association_change_events, 0) > 0 AS has_association_change_events,
  COALESCE(t.other_events, 0) > 0 AS has_other_events,
  o.schedule,
  o.schedule_runs_per_day AS reads_per_day,
  1440e0 / NULLIF(o.schedule_runs_per_day, 0e0) AS poll_interval_minutes
FROM objects AS o
LEFT JOIN told AS t
  ON t.object_key = o.object_key
WHERE
  o.action = 'read' OR (
    o.action = 'subscribe' AND o.read_object_key IS NULL
  );

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`effective_watch_fields` COMMENT 'One row per update event and field whose changes trigger it; one row without a field where no field can be named.' AS
WITH events AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events`
  WHERE
    event_type = 'update'
), objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_objects`
), fields AS (
  SELECT
    object_key,
    field_name,
    effective_field_name,
    MAX(CASE WHEN is_required THEN 1 ELSE 0 END) AS is_required
  FROM `warehouse`.`ampersand_data`.`current_fields`
  WHERE
    NOT effective_field_name IS NULL
  GROUP BY
    object_key,
    field_name,
    effective_field_name
), watched AS (
  SELECT DISTINCT
    e.event_key,
    w.watch_field,
    f.field_name,
    f.effective_field_name,
    'certain' AS certainty
  FROM events AS e
  JOIN objects AS o
    ON o.object_key = e.object_key
  JOIN `warehouse`.`ampersand_data`.`current_watch_fields` AS w
    ON w.event_key = e.event_key
  LEFT JOIN fields AS f
    ON f.object_key = o.read_object_key
    AND (
      f.field_name = w.watch_field OR f.effective_field_name = w.watch_field
    )
  WHERE
    e.watch_mode = 'explicit'
  UNION ALL
  SELECT
    e.event_key,
    NULL,
    f.field_name,
    f.effective_field_name,
    CASE WHEN f.is_required = 1 THEN 'certain' ELSE 'possible' END
  FROM events AS e
  JOIN objects AS o
    ON o.object_key = e.object_key
  JOIN fields AS f
    ON f.object_key = o.read_object_key
  WHERE
    e.watch_mode = 'selected'
)
SELECT
  e.project_id,
  e.project_name,
  e.integration_id,
  e.integration_name,
  e.provider,
  e.revision_id,
  e.event_key,
  o.object_key,
  o.object_name,
  o.effective_object_name,
  e.destination_name,
  e.is_enabled,
  e.watch_mode,
  e.watch_mode = 'all' AS watches_all_fields,
  e.watch_mode = 'selected' AND COALESCE(r.optional_fields_auto = 'all', FALSE) AS is_open_ended,
  w.watch_field,
  w.field_name,
  w.effective_field_name,
  w.certainty
FROM events AS e
JOIN objects AS o
  ON o.object_key = e.object_key
LEFT JOIN objects AS r
  ON r.object_key = o.read_object_key
LEFT JOIN watched AS w
  ON w.event_key = e.event_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`environment_differences` COMMENT 'One row per difference between two projects\' manifests of the same name now: a thing that only one of the two integrations has, or a property that differs. Each pair is there both ways round; an order alone is no difference.' AS
WITH manifests AS (
  SELECT
    project_id,
    project_name,
    integration_id,
    integration_name,
    revision_key,
    content_hash
  FROM `warehouse`.`ampersand_data`.`current_revisions`
), pairs AS (
  SELECT
    a.integration_name,
    a.project_id,
    a.project_name,
    a.integration_id,
    a.revision_key,
    b.project_id AS other_project_id,
    b.project_name AS other_project_name,
    b.integration_id AS other_integration_id,
    b.revision_key AS other_revision_key
  FROM manifests AS a
  JOIN manifests AS b
    ON b.integration_name = a.integration_name AND b.project_id > a.project_id
  WHERE
    COALESCE(b.content_hash, '') <> COALESCE(a.content_hash, '')
), content_sides AS (
  SELECT
    p.revision_key,
    p.other_revision_key,
    s.side,
    CASE s.side WHEN 'here' THEN p.revision_key ELSE p.other_revision_key END AS content_key
  FROM pairs AS p
  CROSS JOIN (
    SELECT
      'here' AS side
    UNION ALL
    SELECT
      'there'
  ) AS s
), contents AS (
  SELECT DISTINCT
    content_key AS revision_key
  FROM content_sides
), objects AS (
  SELECT
    o.*,
    ROW_NUMBER() OVER (
      PARTITION BY o.revision_key, o.action, o.object_name
      ORDER BY o.position NULLS LAST
    ) AS object_nth
  FROM `warehouse`.`ampersand_data`.`revision_objects` AS o
  JOIN contents AS c
    ON c.revision_key = o.revision_key
), events AS (
  SELECT
    e.*,
    o.action,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY e.object_key, e.event_type, e.event_name
      ORDER BY e.position NULLS LAST
    ) AS nth
  FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS e
  JOIN objects AS o
    ON o.object_key = e.object_key
), things AS (
  SELECT
    r.revision_key,
    r.revision_key AS thing_key,
    'revision' AS kind,
    CAST(NULL AS STRING) AS action,
    CAST(NULL AS STRING) AS object_name,
    CAST(NULL AS STRING) AS field_name,
    CAST(NULL AS STRING) AS event_type,
    CAST(NULL AS STRING) AS event_name,
    1 AS object_nth,
    1 AS nth,
    r.revision_id AS detail
  FROM `warehouse`.`ampersand_data`.`revisions` AS r
  JOIN contents AS c
    ON c.revision_key = r.revision_key
  UNION ALL
  SELECT
    revision_key,
    object_key,
    'object',
    action,
    object_name,
    NULL,
    NULL,
    NULL,
    object_nth,
    1,
    destination_name
  FROM objects
  UNION ALL
  SELECT
    f.revision_key,
    f.field_key,
    'field',
    o.action,
    o.object_name,
    COALESCE(NULLIF(f.field_name, ''), f.map_to_name),
    NULL,
    NULL,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY f.object_key, COALESCE(NULLIF(f.field_name, ''), f.map_to_name)
      ORDER BY f.map_to_name NULLS LAST, f.is_required DESC, f.position NULLS LAST
    ),
    CASE WHEN f.is_required THEN 'required' ELSE 'optional' END
  FROM `warehouse`.`ampersand_data`.`revision_fields` AS f
  JOIN objects AS o
    ON o.object_key = f.object_key
  UNION ALL
  SELECT
    revision_key,
    event_key,
    'event',
    action,
    object_name,
    NULL,
    event_type,
    event_name,
    object_nth,
    nth,
    enabled
  FROM events
  UNION ALL
  SELECT
    w.revision_key,
    w.watch_field_key,
    'watch_field',
    e.action,
    e.object_name,
    w.watch_field,
    e.event_type,
    e.event_name,
    e.object_nth,
    ROW_NUMBER() OVER (PARTITION BY w.event_key, w.watch_field ORDER BY w.position NULLS LAST),
    NULL
  FROM `warehouse`.`ampersand_data`.`revision_watch_fields` AS w
  JOIN events AS e
    ON e.event_key = w.event_key
  UNION ALL
  SELECT
    s.revision_key,
    s.schema_watch_event_key,
    'schema_watch_event',
    NULL,
    s.scope,
    NULL,
    s.event_type,
    NULL,
    1,
    1,
    s.enabled
  FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS s
  JOIN contents AS c
    ON c.revision_key = s.revision_key
), facts AS (
  SELECT
    thing_key,
    '' AS property,
    1 AS property_nth,
    detail AS value
  FROM things
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.revision_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.revision_id
        WHEN 1
        THEN x.spec_version
        WHEN 2
        THEN x.content_name
        WHEN 3
        THEN x.content_provider
        WHEN 4
        THEN x.display_name
        WHEN 5
        THEN x.module
        WHEN 6
        THEN CASE WHEN x.has_read THEN 'true' WHEN NOT x.has_read THEN 'false' END
        WHEN 7
        THEN CASE WHEN x.has_write THEN 'true' WHEN NOT x.has_write THEN 'false' END
        WHEN 8
        THEN CASE WHEN x.has_subscribe THEN 'true' WHEN NOT x.has_subscribe THEN 'false' END
        WHEN 9
        THEN CASE WHEN x.has_proxy THEN 'true' WHEN NOT x.has_proxy THEN 'false' END
        WHEN 10
        THEN CASE WHEN x.proxy_enabled THEN 'true' WHEN NOT x.proxy_enabled THEN 'false' END
        WHEN 11
        THEN CASE WHEN x.proxy_use_module THEN 'true' WHEN NOT x.proxy_use_module THEN 'false' END
        WHEN 12
        THEN x.watch_schema_destination_name
        WHEN 13
        THEN x.watch_schema_schedule
      END AS value
    FROM `warehouse`.`ampersand_data`.`revisions` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('revision_id' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('spec_version' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('content_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('content_provider' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('display_name' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('module' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_read' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('has_write' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('has_subscribe' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('has_proxy' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('proxy_enabled' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('proxy_use_module' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('watch_schema_destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        13 AS number,
        CAST('watch_schema_schedule' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.object_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.map_to_name
        WHEN 1
        THEN x.map_to_display_name
        WHEN 2
        THEN x.destination_name
        WHEN 3
        THEN x.schedule
        WHEN 4
        THEN x.enabled
        WHEN 5
        THEN x.optional_fields_auto
        WHEN 6
        THEN CASE WHEN x.has_backfill THEN 'true' WHEN NOT x.has_backfill THEN 'false' END
        WHEN 7
        THEN CAST(x.backfill_days AS STRING)
        WHEN 8
        THEN CASE
          WHEN x.backfill_full_history
          THEN 'true'
          WHEN NOT x.backfill_full_history
          THEN 'false'
        END
        WHEN 9
        THEN x.delivery_mode
        WHEN 10
        THEN CAST(x.delivery_page_size AS STRING)
        WHEN 11
        THEN CASE WHEN x.inherits_mapping THEN 'true' WHEN NOT x.inherits_mapping THEN 'false' END
        WHEN 12
        THEN CASE
          WHEN x.allow_any_value_defaults
          THEN 'true'
          WHEN NOT x.allow_any_value_defaults
          THEN 'false'
        END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_objects` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('schedule' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('optional_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_backfill' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('backfill_days' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('backfill_full_history' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('delivery_mode' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('delivery_page_size' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('inherits_mapping' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('allow_any_value_defaults' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.field_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN CASE WHEN x.is_required THEN 'true' WHEN NOT x.is_required THEN 'false' END
        WHEN 1
        THEN x.map_to_name
        WHEN 2
        THEN x.map_to_display_name
        WHEN 3
        THEN x.default_field_name
        WHEN 4
        THEN x.prompt
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_fields` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('is_required' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('default_field_name' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('prompt' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.event_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN x.enabled
        WHEN 1
        THEN x.watch_fields_auto
        WHEN 2
        THEN CASE
          WHEN x.include_full_records
          THEN 'true'
          WHEN NOT x.include_full_records
          THEN 'false'
        END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('watch_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('include_full_records' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.schema_watch_event_key AS thing_key,
      n.property,
      CASE n.number WHEN 0 THEN x.scope WHEN 1 THEN x.enabled END AS value
    FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('scope' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('enabled' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    COALESCE(t.thing_key, u.revision_key),
    u.property_name,
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(t.thing_key, u.revision_key), u.property_name
      ORDER BY u.value NULLS LAST
    ),
    u.value
  FROM `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  JOIN contents AS c
    ON c.revision_key = u.revision_key
  LEFT JOIN things AS t
    ON t.thing_key = u.parent_key
), compared AS (
  SELECT
    p.revision_key,
    p.other_revision_key,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    COUNT(CASE WHEN p.side = 'here' THEN 1 END) AS is_here,
    COUNT(CASE WHEN p.side = 'there' THEN 1 END) AS is_there,
    MAX(CASE WHEN p.side = 'here' THEN f.value END) AS here_value,
    MAX(CASE WHEN p.side = 'there' THEN f.value END) AS there_value
  FROM content_sides AS p
  JOIN things AS t
    ON t.revision_key = p.content_key
  JOIN facts AS f
    ON f.thing_key = t.thing_key
  WHERE
    f.property <> 'revision_id'
  GROUP BY
    p.revision_key,
    p.other_revision_key,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    f.property_nth
), judged AS (
  SELECT
    c.*,
    MAX(CASE WHEN c.property = '' THEN 1 ELSE 0 END) OVER (
      PARTITION BY c.revision_key, c.other_revision_key, c.kind, c.action, c.object_name, c.field_name, c.event_type, c.event_name, c.object_nth, c.nth
    ) AS is_one_sided
  FROM compared AS c
  WHERE
    c.is_here = 0
    OR c.is_there = 0
    OR (
      c.property <> '' AND c.here_value <> c.there_value
    )
), differences AS (
  SELECT
    *
  FROM judged
  WHERE
    property = '' OR is_one_sided = 0
), told AS (
  SELECT
    p.*,
    d.kind,
    d.action,
    d.object_name,
    d.field_name,
    d.event_type,
    d.event_name,
    NULLIF(d.property, '') AS property,
    d.here_value AS value,
    d.there_value AS other_value,
    CASE
      WHEN d.property <> ''
      THEN 'differs'
      WHEN d.is_here = 1
      THEN 'only_here'
      ELSE 'only_there'
    END AS difference
  FROM differences AS d
  JOIN pairs AS p
    ON p.revision_key = d.revision_key AND p.other_revision_key = d.other_revision_key
)
SELECT
  integration_name,
  project_id,
  project_name,
  integration_id,
  revision_key,
  other_project_id,
  other_project_name,
  other_integration_id,
  other_revision_key,
  difference,
  kind,
  action,
  object_name,
  field_name,
  event_type,
  event_name,
  property,
  value,
  other_value
FROM told
UNION ALL
SELECT
  integration_name,
  other_project_id,
  other_project_name,
  other_integration_id,
  other_revision_key,
  project_id,
  project_name,
  integration_id,
  revision_key,
  CASE difference
    WHEN 'only_here'
    THEN 'only_there'
    WHEN 'only_there'
    THEN 'only_here'
    ELSE difference
  END,
  kind,
  action,
  object_name,
  field_name,
  event_type,
  event_name,
  property,
  other_value,
  value
FROM told;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`unified_model_gaps` COMMENT 'One row per object or field of a unified model that a provider lacks: its integrations in the project do not deliver it. A field is one of the model if some manifest maps a field to its name; it is missing where a provider delivers its object without it. An object is one of the model if several providers deliver it and some manifest maps an object to its name; it is missing where a provider delivers another object of the model, but not this one.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_read_objects`
  WHERE
    NOT effective_object_name IS NULL AND NOT provider IS NULL
), fields AS (
  SELECT
    o.project_id,
    o.effective_object_name,
    f.effective_field_name,
    o.provider,
    f.map_to_name
  FROM `warehouse`.`ampersand_data`.`current_fields` AS f
  JOIN objects AS o
    ON o.object_key = f.object_key
), delivering AS (
  SELECT DISTINCT
    project_id,
    project_name,
    effective_object_name,
    provider
  FROM objects
), model_objects AS (
  SELECT
    project_id,
    effective_object_name
  FROM objects
  GROUP BY
    project_id,
    effective_object_name
  HAVING
    COUNT(map_to_name) > 0 AND COUNT(DISTINCT provider) > 1
), providers AS (
  SELECT DISTINCT
    d.project_id,
    d.project_name,
    d.provider
  FROM delivering AS d
  JOIN model_objects AS m
    ON m.project_id = d.project_id AND m.effective_object_name = d.effective_object_name
), expected AS (
  SELECT
    p.project_id,
    p.project_name,
    p.provider,
    m.effective_object_name,
    '' AS effective_field_name
  FROM providers AS p
  JOIN model_objects AS m
    ON m.project_id = p.project_id
  UNION ALL
  SELECT
    d.project_id,
    d.project_name,
    d.provider,
    d.effective_object_name,
    m.effective_field_name
  FROM delivering AS d
  JOIN (
    SELECT DISTINCT
      project_id,
      effective_object_name,
      effective_field_name
    FROM fields
    WHERE
      NOT map_to_name IS NULL
  ) AS m
    ON m.project_id = d.project_id AND m.effective_object_name = d.effective_object_name
), delivered AS (
  SELECT
    project_id,
    provider,
    effective_object_name,
    '' AS effective_field_name
  FROM delivering
  UNION
  SELECT
    project_id,
    provider,
    effective_object_name,
    effective_field_name
  FROM fields
), compared AS (
  SELECT
    e.project_id,
    e.project_name,
    e.provider,
    e.effective_object_name,
    e.effective_field_name,
    d.provider AS has_it
  FROM expected AS e
  LEFT JOIN delivered AS d
    ON d.project_id = e.project_id
    AND d.provider = e.provider
    AND d.effective_object_name = e.effective_object_name
    AND d.effective_field_name = e.effective_field_name
), counted AS (
  SELECT
    project_id,
    effective_object_name,
    effective_field_name,
    COUNT(*) AS providers,
    COUNT(has_it) AS providers_with_it,
    MIN(has_it) AS example_provider
  FROM compared
  GROUP BY
    project_id,
    effective_object_name,
    effective_field_name
)
SELECT
  g.project_id,
  g.project_name,
  g.provider,
  g.effective_object_name,
  NULLIF(g.effective_field_name, '') AS effective_field_name,
  c.providers_with_it,
  c.providers,
  c.example_provider
FROM compared AS g
JOIN counted AS c
  ON c.project_id = g.project_id
  AND c.effective_object_name = g.effective_object_name
  AND c.effective_field_name = g.effective_field_name
WHERE
  g.has_it IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`install_mapping_effort` COMMENT 'One row per integration that reads now, and what its customers map: what one who installs it has to map, and what there is to choose.' AS
WITH objects AS (
  SELECT
    *
  FROM `warehouse`.`ampersand_data`.`current_read_objects`
), fields AS (
  SELECT
    project_id,
    integration_id,
    COUNT(CASE WHEN field_kind = 'mapping' AND is_required THEN 1 END) AS fields_to_map,
    COUNT(
      CASE
        WHEN field_kind = 'mapping' AND is_required AND NOT default_field_name IS NULL
        THEN 1
      END
    ) AS fields_to_confirm,
    COUNT(CASE WHEN field_kind = 'mapping' AND is_required AND prompt IS NULL THEN 1 END) AS fields_without_prompt,
    COUNT(CASE WHEN field_kind = 'mapping' AND NOT is_required THEN 1 END) AS fields_that_may_be_mapped,
    COUNT(CASE WHEN field_kind = 'existent' AND NOT is_required THEN 1 END) AS fields_to_choose
  FROM `warehouse`.`ampersand_data`.`current_fields`
  GROUP BY
    project_id,
    integration_id
), totals AS (
  SELECT
    o.project_id,
    o.project_name,
    o.integration_id,
    o.integration_name,
    o.provider,
    o.revision_id,
    COUNT(*) AS read_objects,
    COUNT(CASE WHEN NOT o.is_always_read THEN 1 END) AS objects_to_choose,
    COUNT(CASE WHEN o.optional_fields_auto = 'all' THEN 1 END) AS objects_with_any_field
  FROM objects AS o
  GROUP BY
    o.project_id,
    o.project_name,
    o.integration_id,
    o.integration_name,
    o.provider,
    o.revision_id
)
SELECT
  t.project_id,
  t.project_name,
  t.integration_id,
  t.integration_name,
  t.provider,
  t.revision_id,
  t.read_objects,
  t.objects_to_choose,
  t.objects_with_any_field,
  COALESCE(f.fields_to_map, 0) AS fields_to_map,
  COALESCE(f.fields_to_confirm, 0) AS fields_to_confirm,
  COALESCE(f.fields_without_prompt, 0) AS fields_without_prompt,
  COALESCE(f.fields_that_may_be_mapped, 0) AS fields_that_may_be_mapped,
  COALESCE(f.fields_to_choose, 0) AS fields_to_choose
FROM totals AS t
LEFT JOIN fields AS f
  ON f.project_id = t.project_id AND f.integration_id = t.integration_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`unmapped_properties_summary` COMMENT 'One row per place in the API\'s answers that no column holds, and reason: how much of it there is now, and since when it has been seen. Positions in lists are left out of a place.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), listed AS (
  SELECT
    p.project_id,
    p.run_id,
    p.listing_key,
    p.project_key
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
), listings AS (
  SELECT
    listing_key,
    MIN(run_id) AS run_id
  FROM listed
  GROUP BY
    listing_key
), revision_listings AS (
  SELECT
    i.revision_key,
    MIN(l.run_id) AS run_id
  FROM `warehouse`.`ampersand_data`.`listing_integrations` AS i
  JOIN listings AS l
    ON l.listing_key = i.listing_key
  GROUP BY
    i.revision_key
), ever AS (
  SELECT
    u.json_path,
    u.reason,
    COALESCE(u.parent_table, '') AS parent_table,
    u.value,
    COALESCE(v.run_id, l.run_id) AS run_id,
    u.unmapped_property_key
  FROM `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  LEFT JOIN revision_listings AS v
    ON v.revision_key = u.revision_key
  LEFT JOIN listings AS l
    ON l.listing_key = u.listing_key
  WHERE
    NOT v.run_id IS NULL OR NOT l.run_id IS NULL
), paths_0 AS (
  SELECT DISTINCT
    json_path,
    json_path AS general_path
  FROM ever
), paths_1 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_0
), paths_2 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_1
), paths_3 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_2
), paths_4 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_3
), paths_5 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_4
), paths_6 AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_5
), general_paths AS (
  SELECT
    json_path,
    REPLACE(
      REPLACE(
        REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(REPLACE(REPLACE(REPLACE(general_path, '[0', '['), '[1', '['), '[2', '['), '[3', '['),
                '[4',
                '['
              ),
              '[5',
              '['
            ),
            '[6',
            '['
          ),
          '[7',
          '['
        ),
        '[8',
        '['
      ),
      '[9',
      '['
    ) AS general_path
  FROM paths_6
), values_now AS (
  SELECT
    unmapped_property_key,
    project_id || ':' || integration_id AS integration
  FROM `warehouse`.`ampersand_data`.`current_unmapped_properties`
), seen AS (
  SELECT
    g.general_path AS json_path,
    e.reason,
    e.parent_table,
    MIN(e.run_id) AS run_id,
    COUNT(n.unmapped_property_key) AS current_values,
    COUNT(DISTINCT n.integration) AS current_integrations,
    MIN(CASE WHEN NOT n.unmapped_property_key IS NULL THEN e.value END) AS value_now,
    MIN(e.value) AS value
  FROM ever AS e
  JOIN general_paths AS g
    ON g.json_path = e.json_path
  LEFT JOIN values_now AS n
    ON n.unmapped_property_key = e.unmapped_property_key
  GROUP BY
    g.general_path,
    e.reason,
    e.parent_table
)
SELECT
  s.json_path,
  s.reason,
  NULLIF(s.parent_table, '') AS parent_table,
  s.current_values,
  s.current_integrations,
  SUBSTRING(COALESCE(s.value_now, s.value), 1, 200) AS example_value,
  r.started_at AS first_seen_at
FROM seen AS s
JOIN runs AS r
  ON r.run_id = s.run_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`manifest_findings` COMMENT 'One row per place that breaks a rule, in the manifests that are there now.' AS
WITH integrations AS (
  SELECT
    project_id,
    project_name,
    integration_id,
    name AS integration_name,
    provider
  FROM `warehouse`.`ampersand_data`.`current_integrations`
), given_objects AS (
  SELECT
    project_id,
    project_name,
    integration_id,
    integration_name,
    provider,
    revision_key,
    object_key,
    action,
    position,
    object_name,
    map_to_name,
    destination_name,
    schedule,
    schedule_runs_per_day,
    schedule_min_interval_minutes,
    enabled,
    NULLIF(optional_fields_auto, '') AS optional_fields_auto,
    has_backfill,
    backfill_days,
    backfill_full_history,
    NULLIF(delivery_mode, '') AS delivery_mode,
    delivery_page_size,
    inherits_mapping,
    read_object_key,
    read_object_match
  FROM `warehouse`.`ampersand_data`.`current_objects`
), given_fields AS (
  SELECT
    revision_key,
    object_key,
    field_key,
    is_required,
    position,
    NULLIF(field_name, '') AS field_name,
    NULLIF(map_to_name, '') AS map_to_name,
    NULLIF(map_to_display_name, '') AS map_to_display_name,
    NULLIF(prompt, '') AS prompt
  FROM `warehouse`.`ampersand_data`.`current_fields`
), given_events AS (
  SELECT
    revision_key,
    object_key,
    event_key,
    event_type,
    NULLIF(enabled, '') AS enabled,
    is_enabled,
    watch_mode
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events`
), revisions AS (
  SELECT
    r.project_id,
    r.project_name,
    r.integration_id,
    r.integration_name,
    r.provider,
    r.revision_key,
    r.spec_version,
    r.content_name,
    r.content_provider,
    r.module,
    r.has_read,
    r.has_write,
    r.has_subscribe,
    r.has_proxy,
    r.watch_schema_schedule,
    r.watch_schema_min_interval_minutes,
    COALESCE(o.read_objects, 0) AS read_objects,
    COALESCE(o.write_objects, 0) AS write_objects,
    COALESCE(o.subscribe_objects, 0) AS subscribe_objects
  FROM `warehouse`.`ampersand_data`.`current_revisions` AS r
  LEFT JOIN (
    SELECT
      revision_key,
      SUM(CASE WHEN action = 'read' THEN 1 ELSE 0 END) AS read_objects,
      SUM(CASE WHEN action = 'write' THEN 1 ELSE 0 END) AS write_objects,
      SUM(CASE WHEN action = 'subscribe' THEN 1 ELSE 0 END) AS subscribe_objects
    FROM given_objects
    GROUP BY
      revision_key
  ) AS o
    ON o.revision_key = r.revision_key
), field_counts AS (
  SELECT
    object_key,
    SUM(CASE WHEN is_required THEN 1 ELSE 0 END) AS required_fields,
    SUM(CASE WHEN is_required THEN 0 ELSE 1 END) AS optional_fields,
    COUNT(map_to_name) AS mapped_fields
  FROM given_fields
  GROUP BY
    object_key
), event_counts AS (
  SELECT
    object_key,
    SUM(CASE WHEN event_type <> 'other' THEN 1 ELSE 0 END) AS standard_events,
    SUM(CASE WHEN is_enabled THEN 1 ELSE 0 END) AS enabled_events
  FROM given_events
  GROUP BY
    object_key
), objects AS (
  SELECT
    o.*,
    r.module,
    ROW_NUMBER() OVER (
      PARTITION BY o.revision_key, o.action, o.object_name
      ORDER BY o.position NULLS LAST
    ) AS occurrence,
    COALESCE(f.required_fields, 0) AS required_fields,
    COALESCE(f.optional_fields, 0) AS optional_fields,
    COALESCE(e.standard_events, 0) AS standard_events,
    COALESCE(e.enabled_events, 0) AS enabled_events,
    s.object_name AS read_object_name,
    s.map_to_name AS read_map_to_name,
    COALESCE(s.optional_fields_auto = 'all', FALSE) AS reads_any_field,
    COALESCE(sf.mapped_fields, 0) AS read_mapped_fields
  FROM given_objects AS o
  JOIN revisions AS r
    ON r.revision_key = o.revision_key
  LEFT JOIN field_counts AS f
    ON f.object_key = o.object_key
  LEFT JOIN event_counts AS e
    ON e.object_key = o.object_key
  LEFT JOIN given_objects AS s
    ON s.object_key = o.read_object_key
  LEFT JOIN field_counts AS sf
    ON sf.object_key = o.read_object_key
), fields AS (
  SELECT
    o.project_id,
    o.project_name,
    o.integration_id,
    o.integration_name,
    o.provider,
    o.object_name,
    o.enabled,
    f.*,
    ROW_NUMBER() OVER (
      PARTITION BY f.object_key, f.is_required, f.field_name, f.map_to_name
      ORDER BY f.position NULLS LAST
    ) AS occurrence,
    ROW_NUMBER() OVER (
      PARTITION BY f.object_key, f.map_to_name
      ORDER BY f.is_required DESC, f.position NULLS LAST
    ) AS name_occurrence,
    SUM(CASE WHEN f.is_required THEN 1 ELSE 0 END) OVER (PARTITION BY f.object_key, f.field_name) AS required_entries
  FROM given_fields AS f
  JOIN given_objects AS o
    ON o.object_key = f.object_key
), events AS (
  SELECT
    o.project_id,
    o.project_name,
    o.integration_id,
    o.integration_name,
    o.provider,
    o.object_name,
    e.*
  FROM given_events AS e
  JOIN given_objects AS o
    ON o.object_key = e.object_key
), watch_fields AS (
  SELECT
    o.project_id,
    o.project_name,
    o.integration_id,
    o.integration_name,
    o.provider,
    o.object_key,
    o.object_name,
    o.read_object_key,
    o.reads_any_field,
    w.watch_field,
    NOT f.name IS NULL AS is_read
  FROM `warehouse`.`ampersand_data`.`current_watch_fields` AS w
  JOIN objects AS o
    ON o.object_key = w.object_key
  LEFT JOIN (
    SELECT
      object_key,
      field_name AS name
    FROM given_fields
    UNION
    SELECT
      object_key,
      map_to_name AS name
    FROM given_fields
  ) AS f
    ON f.object_key = o.read_object_key AND f.name = w.watch_field
), unknown_keys AS (
  SELECT
    u.project_id,
    u.project_name,
    u.integration_id,
    u.integration_name,
    u.provider,
    o.object_key,
    o.object_name,
    f.field_name,
    u.property_name,
    u.json_path
  FROM `warehouse`.`ampersand_data`.`current_unmapped_properties` AS u
  LEFT JOIN given_fields AS f
    ON f.field_key = u.parent_key
  LEFT JOIN given_events AS e
    ON e.event_key = u.parent_key
  LEFT JOIN given_objects AS o
    ON o.object_key = COALESCE(f.object_key, e.object_key, u.parent_key)
  WHERE
    u.reason = 'unknown_property'
    AND (
      u.json_path LIKE '$.latestRevision.content.%'
      OR u.json_path LIKE '$.latestRevision.content[%'
    )
)
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  CAST(NULL AS STRING) AS object_key,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The name has "' || SUBSTRING(TRIM(LEADING 'abcdefghijklmnopqrstuvwxyz0123456789_-' FROM x.integration_name), 1, 1) || '", which is no lower-case letter, digit, hyphen or underscore.'
    WHEN 1
    THEN CASE
      WHEN COALESCE(x.integration_name, '') = ''
      THEN 'It has no name.'
      ELSE 'The name has ' || CAST(LENGTH(x.integration_name) AS STRING) || ' characters, more than 64.'
    END
  END AS message,
  r.remedy,
  r.rule_source
FROM integrations AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M33' AS rule_id,
    'info' AS severity,
    'Name new integrations so, like `sales-crm`; leave this one: to rename it makes another.' AS remedy,
    'Ampersand\'s documentation, Manifest reference' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M33' AS rule_id,
    'info' AS severity,
    'Name new integrations so, like `sales-crm`; leave this one: to rename it makes another.' AS remedy,
    'Ampersand\'s documentation, Manifest reference' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      TRIM(LEADING 'abcdefghijklmnopqrstuvwxyz0123456789_-' FROM x.integration_name) <> ''
    )
    WHEN 1
    THEN (
      NOT LENGTH(COALESCE(x.integration_name, '')) BETWEEN 1 AND 64
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  CAST(NULL AS STRING) AS object_key,
  CAST(NULL AS STRING) AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The version of the format is ' || COALESCE(x.spec_version, 'not given') || '.'
    WHEN 1
    THEN 'There is neither read nor write, subscribe or proxy.'
    WHEN 2
    THEN 'The action read has no objects.'
    WHEN 3
    THEN 'The action write has no objects.'
    WHEN 4
    THEN 'The action subscribe has no objects.'
    WHEN 5
    THEN 'The schedule ' || x.watch_schema_schedule || ' of watchSchema has not five parts, or never comes.'
    WHEN 6
    THEN 'There is subscribe without read.'
    WHEN 7
    THEN 'It subscribes to ' || CAST(x.subscribe_objects AS STRING) || ' objects.'
    WHEN 8
    THEN 'With the schedule ' || x.watch_schema_schedule || ' of watchSchema the shortest' || ' time between two checks is ' || CAST(x.watch_schema_min_interval_minutes AS STRING) || ' min.'
    WHEN 9
    THEN 'The name inside the manifest is ' || x.content_name || '.'
    WHEN 10
    THEN 'The provider inside the manifest is ' || x.content_provider || '.'
  END AS message,
  r.remedy,
  r.rule_source
FROM revisions AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M01' AS rule_id,
    'error' AS severity,
    'Write `specVersion: 1.0.0` and deploy again.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.1' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M02' AS rule_id,
    'error' AS severity,
    'Add an action, or delete the integration.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.2' AS rule_source
  UNION ALL
  SELECT
    2 AS number,
    'M03' AS rule_id,
    'error' AS severity,
    'Add an object, or remove the action.' AS remedy,
    'Ampersand\'s manifest validator, rules 2.3 to 2.5' AS rule_source
  UNION ALL
  SELECT
    3 AS number,
    'M03' AS rule_id,
    'error' AS severity,
    'Add an object, or remove the action.' AS remedy,
    'Ampersand\'s manifest validator, rules 2.3 to 2.5' AS rule_source
  UNION ALL
  SELECT
    4 AS number,
    'M03' AS rule_id,
    'error' AS severity,
    'Add an object, or remove the action.' AS remedy,
    'Ampersand\'s manifest validator, rules 2.3 to 2.5' AS rule_source
  UNION ALL
  SELECT
    5 AS number,
    'M06' AS rule_id,
    'error' AS severity,
    'Write minute, hour, day, month and weekday, like `*/30 * * * *`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.7' AS rule_source
  UNION ALL
  SELECT
    6 AS number,
    'M16' AS rule_id,
    'error' AS severity,
    'Add read objects for what is subscribed to.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.5' AS rule_source
  UNION ALL
  SELECT
    7 AS number,
    'M24' AS rule_id,
    'error' AS severity,
    'Read the others on a schedule.' AS remedy,
    'Ampersand\'s manifest validator, rule 3.1' AS rule_source
  UNION ALL
  SELECT
    8 AS number,
    'M34' AS rule_id,
    'error' AS severity,
    'Take a schedule of an hour or more, like `0 */6 * * *`.' AS remedy,
    'Ampersand\'s documentation, Manage customer schemas' AS rule_source
  UNION ALL
  SELECT
    9 AS number,
    'M36' AS rule_id,
    'warning' AS severity,
    'Deploy the manifest again.' AS remedy,
    'this project' AS rule_source
  UNION ALL
  SELECT
    10 AS number,
    'M36' AS rule_id,
    'warning' AS severity,
    'Deploy the manifest again.' AS remedy,
    'this project' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      COALESCE(x.spec_version, '') <> '1.0.0'
    )
    WHEN 1
    THEN (
      NOT (
        x.has_read OR x.has_write OR x.has_subscribe OR x.has_proxy
      )
    )
    WHEN 2
    THEN (
      x.has_read AND x.read_objects = 0
    )
    WHEN 3
    THEN (
      x.has_write AND x.write_objects = 0
    )
    WHEN 4
    THEN (
      x.has_subscribe AND x.subscribe_objects = 0
    )
    WHEN 5
    THEN (
      NOT x.watch_schema_schedule IS NULL
      AND x.watch_schema_min_interval_minutes IS NULL
    )
    WHEN 6
    THEN (
      x.has_subscribe AND NOT x.has_read
    )
    WHEN 7
    THEN (
      LOWER(x.provider) = 'salesforce' AND x.subscribe_objects > 5
    )
    WHEN 8
    THEN (
      x.watch_schema_min_interval_minutes < 60
    )
    WHEN 9
    THEN (
      x.content_name <> x.integration_name
    )
    WHEN 10
    THEN (
      x.content_provider <> x.provider
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.object_key AS object_key,
  x.object_name AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The ' || x.action || ' object has no destination.'
    WHEN 1
    THEN 'There is no schedule, so it is read on demand only.'
    WHEN 2
    THEN 'The schedule ' || x.schedule || ' has not five parts, or never comes.'
    WHEN 3
    THEN 'With the schedule ' || x.schedule || ' the shortest time between two reads is ' || CAST(x.schedule_min_interval_minutes AS STRING) || ' min.'
    WHEN 4
    THEN 'The action ' || x.action || ' has it already.'
    WHEN 5
    THEN 'It has neither fields nor optionalFieldsAuto.'
    WHEN 6
    THEN 'The backfill has both days (' || CAST(x.backfill_days AS STRING) || ') and the whole history.'
    WHEN 7
    THEN 'The backfill has neither days nor the whole history.'
    WHEN 8
    THEN 'There is no delivery mode ' || x.delivery_mode || '.'
    WHEN 9
    THEN 'The page size ' || CAST(x.delivery_page_size AS STRING) || ' goes with onRequest only.'
    WHEN 10
    THEN 'The page size ' || CAST(x.delivery_page_size AS STRING) || ' is not between 50 and 500.'
    WHEN 11
    THEN 'Delivery is onRequest, which is deprecated.'
    WHEN 12
    THEN 'It has create, update, delete or association events, but does not inherit fields and mapping.'
    WHEN 13
    THEN 'There is no read object of that name.'
    WHEN 14
    THEN 'The read object is called ' || x.read_object_name || ', which differs in upper and lower case.'
    WHEN 15
    THEN 'No event of it is on.'
    WHEN 16
    THEN 'It is always read, but has no schedule.'
    WHEN 17
    THEN 'It is always read, but has no required fields.'
    WHEN 18
    THEN 'The backfill goes back for the whole history.'
    WHEN 19
    THEN 'The backfill goes back ' || CAST(x.backfill_days AS STRING) || ' days.'
    WHEN 20
    THEN 'The backfill has days (' || CAST(x.backfill_days AS STRING) || ').'
    WHEN 21
    THEN 'It inherits the mapping, but there is no read object of that name.'
    WHEN 22
    THEN 'The read object maps names, but the write object does not inherit them.'
    WHEN 23
    THEN 'The whole history is backfilled, and it is read ' || x.schedule || '.'
  END AS message,
  r.remedy,
  r.rule_source
FROM objects AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M04' AS rule_id,
    'error' AS severity,
    'Name one of the project\'s destinations.' AS remedy,
    'Ampersand\'s manifest validator, rules 2.3 and 2.5' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M05' AS rule_id,
    'warning' AS severity,
    'Add a schedule, unless something calls for each read.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.3; documentation, Read actions' AS rule_source
  UNION ALL
  SELECT
    2 AS number,
    'M06' AS rule_id,
    'error' AS severity,
    'Write minute, hour, day, month and weekday, like `*/30 * * * *`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.7' AS rule_source
  UNION ALL
  SELECT
    3 AS number,
    'M07' AS rule_id,
    'error' AS severity,
    'Take a step of 10 minutes or more, like `*/10 * * * *`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.7' AS rule_source
  UNION ALL
  SELECT
    4 AS number,
    'M08' AS rule_id,
    'error' AS severity,
    'Merge the entries, or remove one.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.13' AS rule_source
  UNION ALL
  SELECT
    5 AS number,
    'M12' AS rule_id,
    'error' AS severity,
    'List required or optional fields, or write `optionalFieldsAuto: all`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.12' AS rule_source
  UNION ALL
  SELECT
    6 AS number,
    'M13' AS rule_id,
    'error' AS severity,
    'Write `days` or `fullHistory: true`, or remove the backfill.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.9' AS rule_source
  UNION ALL
  SELECT
    7 AS number,
    'M13' AS rule_id,
    'error' AS severity,
    'Write `days` or `fullHistory: true`, or remove the backfill.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.9' AS rule_source
  UNION ALL
  SELECT
    8 AS number,
    'M14' AS rule_id,
    'error' AS severity,
    'Remove the delivery, or give it a mode and a size that exist.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.8' AS rule_source
  UNION ALL
  SELECT
    9 AS number,
    'M14' AS rule_id,
    'error' AS severity,
    'Remove the delivery, or give it a mode and a size that exist.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.8' AS rule_source
  UNION ALL
  SELECT
    10 AS number,
    'M14' AS rule_id,
    'error' AS severity,
    'Remove the delivery, or give it a mode and a size that exist.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.8' AS rule_source
  UNION ALL
  SELECT
    11 AS number,
    'M15' AS rule_id,
    'warning' AS severity,
    'Move to automatic delivery.' AS remedy,
    'Ampersand\'s documentation, Read actions' AS rule_source
  UNION ALL
  SELECT
    12 AS number,
    'M17' AS rule_id,
    'error' AS severity,
    'Write `inheritFieldsAndMapping: true`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.5' AS rule_source
  UNION ALL
  SELECT
    13 AS number,
    'M18' AS rule_id,
    'error' AS severity,
    'Add a read object of that name, or correct the name.' AS remedy,
    'Ampersand\'s documentation, Manifest reference' AS rule_source
  UNION ALL
  SELECT
    14 AS number,
    'M18' AS rule_id,
    'error' AS severity,
    'Add a read object of that name, or correct the name.' AS remedy,
    'Ampersand\'s documentation, Manifest reference' AS rule_source
  UNION ALL
  SELECT
    15 AS number,
    'M19' AS rule_id,
    'warning' AS severity,
    'Write `enabled: always` for an event, or remove the object.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.14' AS rule_source
  UNION ALL
  SELECT
    16 AS number,
    'M26' AS rule_id,
    'error' AS severity,
    'Add the schedule and the required fields, and remove their `mapToName`; or remove `enabled: always`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.11' AS rule_source
  UNION ALL
  SELECT
    17 AS number,
    'M26' AS rule_id,
    'error' AS severity,
    'Add the schedule and the required fields, and remove their `mapToName`; or remove `enabled: always`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.11' AS rule_source
  UNION ALL
  SELECT
    18 AS number,
    'M27' AS rule_id,
    'error' AS severity,
    'Write `days: 28` or less.' AS remedy,
    'Ampersand\'s manifest validator, rule 3.5, which knows the provider by another name' AS rule_source
  UNION ALL
  SELECT
    19 AS number,
    'M27' AS rule_id,
    'error' AS severity,
    'Write `days: 28` or less.' AS remedy,
    'Ampersand\'s manifest validator, rule 3.5, which knows the provider by another name' AS rule_source
  UNION ALL
  SELECT
    20 AS number,
    'M28' AS rule_id,
    'error' AS severity,
    'Write `fullHistory: true`.' AS remedy,
    'Ampersand\'s manifest validator, rule 3.6' AS rule_source
  UNION ALL
  SELECT
    21 AS number,
    'M29' AS rule_id,
    'warning' AS severity,
    'Add a read object of that name, or remove `inheritMapping`.' AS remedy,
    'this project, after Ampersand\'s documentation, Write actions' AS rule_source
  UNION ALL
  SELECT
    22 AS number,
    'M35' AS rule_id,
    'warning' AS severity,
    'Write `inheritMapping: true`, unless writers use the provider\'s names.' AS remedy,
    'this project, after Ampersand\'s documentation, Object and field mapping' AS rule_source
  UNION ALL
  SELECT
    23 AS number,
    'M37' AS rule_id,
    'info' AS severity,
    'Read it less often, or go back for a number of days.' AS remedy,
    'Ampersand\'s manifest validator, rule 4.4' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      x.action IN ('read', 'subscribe') AND x.destination_name IS NULL
    )
    WHEN 1
    THEN (
      x.action = 'read' AND x.schedule IS NULL
    )
    WHEN 2
    THEN (
      x.action = 'read' AND NOT x.schedule IS NULL AND x.schedule_runs_per_day IS NULL
    )
    WHEN 3
    THEN (
      x.action = 'read' AND x.schedule_min_interval_minutes < 10
    )
    WHEN 4
    THEN (
      NOT x.object_name IS NULL AND x.occurrence > 1
    )
    WHEN 5
    THEN (
      x.action = 'read'
      AND x.required_fields + x.optional_fields = 0
      AND x.optional_fields_auto IS NULL
    )
    WHEN 6
    THEN (
      x.action = 'read' AND NOT x.backfill_days IS NULL AND x.backfill_full_history
    )
    WHEN 7
    THEN (
      x.action = 'read'
      AND x.has_backfill
      AND x.backfill_days IS NULL
      AND x.backfill_full_history IS NULL
    )
    WHEN 8
    THEN (
      x.action = 'read' AND NOT x.delivery_mode IN ('auto', 'onRequest')
    )
    WHEN 9
    THEN (
      x.action = 'read'
      AND COALESCE(x.delivery_mode, 'auto') = 'auto'
      AND NOT x.delivery_page_size IS NULL
    )
    WHEN 10
    THEN (
      x.action = 'read'
      AND x.delivery_mode = 'onRequest'
      AND NOT x.delivery_page_size BETWEEN 50 AND 500
    )
    WHEN 11
    THEN (
      x.action = 'read' AND x.delivery_mode = 'onRequest'
    )
    WHEN 12
    THEN (
      x.action = 'subscribe'
      AND x.standard_events > 0
      AND NOT COALESCE(x.inherits_mapping, FALSE)
    )
    WHEN 13
    THEN (
      x.action = 'subscribe' AND x.standard_events > 0 AND x.read_object_match = 'none'
    )
    WHEN 14
    THEN (
      x.action = 'subscribe' AND x.standard_events > 0 AND x.read_object_match = 'case'
    )
    WHEN 15
    THEN (
      x.action = 'subscribe' AND x.enabled_events = 0
    )
    WHEN 16
    THEN (
      x.action = 'read' AND x.enabled IN ('always', 'true') AND x.schedule IS NULL
    )
    WHEN 17
    THEN (
      x.action = 'read' AND x.enabled IN ('always', 'true') AND x.required_fields = 0
    )
    WHEN 18
    THEN (
      x.action = 'read'
      AND (
        LOWER(x.provider) = 'googlecalendar'
        OR LOWER(x.provider) = 'google'
        AND LOWER(x.module) = 'calendar'
      )
      AND x.object_name = 'events'
      AND x.backfill_full_history
    )
    WHEN 19
    THEN (
      x.action = 'read'
      AND (
        LOWER(x.provider) = 'googlecalendar'
        OR LOWER(x.provider) = 'google'
        AND LOWER(x.module) = 'calendar'
      )
      AND x.object_name = 'events'
      AND x.backfill_days > 28
    )
    WHEN 20
    THEN (
      x.action = 'read'
      AND LOWER(x.provider) = 'snowflake'
      AND NOT x.backfill_days IS NULL
    )
    WHEN 21
    THEN (
      x.action = 'write' AND x.inherits_mapping AND x.read_object_match = 'none'
    )
    WHEN 22
    THEN (
      x.action = 'write'
      AND NOT COALESCE(x.inherits_mapping, FALSE)
      AND (
        NOT x.read_map_to_name IS NULL OR x.read_mapped_fields > 0
      )
    )
    WHEN 23
    THEN (
      x.action = 'read' AND x.backfill_full_history AND x.schedule_runs_per_day >= 144
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.object_key AS object_key,
  x.object_name AS object_name,
  CASE r.number
    WHEN 0
    THEN x.field_name
    WHEN 1
    THEN COALESCE(x.field_name, x.map_to_name)
    WHEN 2
    THEN x.field_name
    WHEN 3
    THEN COALESCE(x.field_name, x.map_to_name)
    WHEN 4
    THEN x.map_to_name
  END AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The field is listed already, under the same name.'
    WHEN 1
    THEN 'Another field of the object is mapped to ' || x.map_to_name || ' already.'
    WHEN 2
    THEN 'The field is required as well as optional.'
    WHEN 3
    THEN 'The object is always read, but the required field is mapped to ' || x.map_to_name || '.'
    WHEN 4
    THEN 'The field to be chosen has no ' || CASE
      WHEN NOT x.prompt IS NULL
      THEN 'mapToDisplayName'
      WHEN NOT x.map_to_display_name IS NULL
      THEN 'prompt'
      ELSE 'prompt and no mapToDisplayName'
    END || '.'
    WHEN 5
    THEN 'Entry ' || CAST(x.position AS STRING) || ' (from 0) of ' || CASE WHEN x.is_required THEN 'requiredFields' ELSE 'optionalFields' END || ' has neither fieldName nor mapToName.'
  END AS message,
  r.remedy,
  r.rule_source
FROM fields AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M09' AS rule_id,
    'warning' AS severity,
    'Remove one of the entries, or correct it.' AS remedy,
    'this project' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M10' AS rule_id,
    'error' AS severity,
    'Give each field a `mapToName` of its own.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.10' AS rule_source
  UNION ALL
  SELECT
    2 AS number,
    'M11' AS rule_id,
    'warning' AS severity,
    'Remove it from one of the two lists.' AS remedy,
    'this project' AS rule_source
  UNION ALL
  SELECT
    3 AS number,
    'M26' AS rule_id,
    'error' AS severity,
    'Add the schedule and the required fields, and remove their `mapToName`; or remove `enabled: always`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.11' AS rule_source
  UNION ALL
  SELECT
    4 AS number,
    'M30' AS rule_id,
    'warning' AS severity,
    'Add `mapToDisplayName` and `prompt`.' AS remedy,
    'Ampersand\'s documentation, Manifest reference' AS rule_source
  UNION ALL
  SELECT
    5 AS number,
    'M31' AS rule_id,
    'error' AS severity,
    'Write `fieldName`, or `mapToName` where customers choose the field.' AS remedy,
    'Ampersand\'s manifest validator, rule 5.1' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      NOT x.field_name IS NULL AND x.occurrence > 1
    )
    WHEN 1
    THEN (
      NOT x.map_to_name IS NULL AND x.name_occurrence > 1
    )
    WHEN 2
    THEN (
      NOT x.is_required AND NOT x.field_name IS NULL AND x.required_entries > 0
    )
    WHEN 3
    THEN (
      x.enabled IN ('always', 'true') AND x.is_required AND NOT x.map_to_name IS NULL
    )
    WHEN 4
    THEN (
      x.field_name IS NULL
      AND NOT x.map_to_name IS NULL
      AND (
        x.prompt IS NULL OR x.map_to_display_name IS NULL
      )
    )
    WHEN 5
    THEN (
      x.field_name IS NULL AND x.map_to_name IS NULL
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.object_key AS object_key,
  x.object_name AS object_name,
  CAST(NULL AS STRING) AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The event ' || x.event_type || ' has enabled ' || x.enabled || '.'
    WHEN 1
    THEN 'The update event has neither watchFieldsAuto nor requiredWatchFields.'
    WHEN 2
    THEN 'The update event has both watchFieldsAuto and requiredWatchFields.'
    WHEN 3
    THEN 'The provider ' || x.provider || ' sends no association events.'
  END AS message,
  r.remedy,
  r.rule_source
FROM events AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M20' AS rule_id,
    'error' AS severity,
    'Write `enabled: always`, or remove the event.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.6' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M21' AS rule_id,
    'error' AS severity,
    'Write either `watchFieldsAuto` or `requiredWatchFields`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.6' AS rule_source
  UNION ALL
  SELECT
    2 AS number,
    'M21' AS rule_id,
    'error' AS severity,
    'Write either `watchFieldsAuto` or `requiredWatchFields`.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.6' AS rule_source
  UNION ALL
  SELECT
    3 AS number,
    'M25' AS rule_id,
    'warning' AS severity,
    'Remove `associationChangeEvent`.' AS remedy,
    'Ampersand\'s documentation, Subscribe actions' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      x.enabled <> 'always'
    )
    WHEN 1
    THEN (
      x.watch_mode = 'none'
    )
    WHEN 2
    THEN (
      x.watch_mode = 'conflict'
    )
    WHEN 3
    THEN (
      x.event_type = 'association_change' AND LOWER(x.provider) <> 'hubspot'
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.object_key AS object_key,
  x.object_name AS object_name,
  CASE r.number WHEN 0 THEN x.watch_field WHEN 1 THEN x.watch_field END AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The watched field ' || x.watch_field || ' has dots or brackets.'
    WHEN 1
    THEN 'The read object neither reads nor maps the watched field ' || x.watch_field || '.'
  END AS message,
  r.remedy,
  r.rule_source
FROM watch_fields AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M22' AS rule_id,
    'error' AS severity,
    'Watch the outer field, or map the inner one to a plain name.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.16' AS rule_source
  UNION ALL
  SELECT
    1 AS number,
    'M23' AS rule_id,
    'warning' AS severity,
    'Add the field to the read object, or correct its name.' AS remedy,
    'this project, after Ampersand\'s documentation, Subscribe actions' AS rule_source
) AS r
WHERE
  CASE r.number
    WHEN 0
    THEN (
      x.watch_field LIKE '%.%' OR x.watch_field LIKE '%[%' OR x.watch_field LIKE '%]%'
    )
    WHEN 1
    THEN (
      NOT x.read_object_key IS NULL AND NOT x.reads_any_field AND NOT x.is_read
    )
  END
UNION ALL
SELECT
  r.rule_id,
  r.severity,
  x.project_id,
  x.project_name,
  x.integration_id,
  x.integration_name,
  x.provider,
  x.object_key AS object_key,
  x.object_name AS object_name,
  CASE r.number WHEN 0 THEN x.field_name END AS field_name,
  CASE r.number
    WHEN 0
    THEN 'The key ' || COALESCE(x.property_name, '') || ' is not known, at ' || x.json_path || '.'
  END AS message,
  r.remedy,
  r.rule_source
FROM unknown_keys AS x
CROSS JOIN (
  SELECT
    0 AS number,
    'M32' AS rule_id,
    'warning' AS severity,
    'Correct or remove the key; if it is new at Ampersand, update this source.' AS remedy,
    'Ampersand\'s manifest validator, rule 2.17' AS rule_source
) AS r
WHERE
  CASE r.number WHEN 0 THEN (
    TRUE
  ) END;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`declared_integrations` COMMENT 'One row per integration in a set of manifests that was declared: each set that `ampersand load-manifests` read for a project, with its history those of all commits.' AS
WITH declaring_runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope = 'manifests'
), looks AS (
  SELECT
    l.project_id,
    l.run_id,
    l.listing_key,
    r.started_at,
    LAG(l.listing_key) OVER (PARTITION BY l.project_id ORDER BY l.run_id NULLS LAST) AS last_listing_key
  FROM `warehouse`.`ampersand_data`.`project_listings` AS l
  JOIN declaring_runs AS r
    ON r.run_id = l.run_id
  WHERE
    l.outcome IN ('listed', 'unchanged')
), turns AS (
  SELECT
    project_id,
    listing_key,
    started_at,
    LEAD(started_at) OVER (PARTITION BY project_id ORDER BY run_id NULLS LAST) AS next_started_at
  FROM looks
  WHERE
    COALESCE(last_listing_key, '') <> listing_key
)
SELECT
  t.project_id,
  p.name AS project_name,
  i.integration_id,
  i.name AS integration_name,
  i.provider,
  i.revision_key,
  i.other_properties AS declared_in,
  i.update_time AS committed_at,
  t.started_at AS declared_from,
  t.next_started_at AS declared_to,
  t.next_started_at IS NULL AS is_current
FROM turns AS t
JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
  ON i.listing_key = t.listing_key AND i.project_id = t.project_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_projects` AS p
  ON p.project_id = t.project_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`manifest_drift` COMMENT 'One row per difference between latest manifests and what is deployed: a thing that one side alone has, or a property that differs, in the projects for which manifests were loaded. What is unset is not told apart from an empty text or false, and an order alone is no difference.' AS
WITH declaring_runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope = 'manifests'
), projects_on_both AS (
  SELECT
    p.project_id,
    p.name AS project_name,
    p.listing_key AS deployed_key,
    l.listing_key AS declared_key,
    r.started_at AS declared_from,
    p.listed_at
  FROM `warehouse`.`ampersand_data`.`current_projects` AS p
  JOIN (
    SELECT
      l.project_id,
      MAX(l.run_id) AS run_id
    FROM `warehouse`.`ampersand_data`.`project_listings` AS l
    JOIN declaring_runs AS r
      ON r.run_id = l.run_id
    WHERE
      l.outcome IN ('listed', 'unchanged')
    GROUP BY
      l.project_id
  ) AS n
    ON n.project_id = p.project_id
  JOIN `warehouse`.`ampersand_data`.`project_listings` AS l
    ON l.project_id = n.project_id AND l.run_id = n.run_id
  JOIN declaring_runs AS r
    ON r.run_id = l.run_id
), integrations_on_sides AS (
  SELECT
    p.project_id,
    s.side,
    i.integration_id,
    i.name,
    i.provider,
    i.revision_key,
    i.other_properties,
    COALESCE(r.content_hash, '') AS content_hash,
    ROW_NUMBER() OVER (
      PARTITION BY p.project_id, s.side, i.name
      ORDER BY i.provider NULLS LAST, r.module NULLS LAST, i.integration_id NULLS LAST
    ) AS twin
  FROM projects_on_both AS p
  CROSS JOIN (
    SELECT
      'declared' AS side
    UNION ALL
    SELECT
      'deployed'
  ) AS s
  JOIN `warehouse`.`ampersand_data`.`listing_integrations` AS i
    ON i.project_id = p.project_id
    AND i.listing_key = CASE s.side WHEN 'declared' THEN p.declared_key ELSE p.deployed_key END
  LEFT JOIN `warehouse`.`ampersand_data`.`revisions` AS r
    ON r.revision_key = i.revision_key
), integrations_beside AS (
  SELECT
    i.project_id,
    i.name AS integration_name,
    i.twin,
    COUNT(CASE WHEN i.side = 'declared' THEN 1 END) AS is_declared,
    COUNT(CASE WHEN i.side = 'deployed' THEN 1 END) AS is_deployed,
    MAX(CASE WHEN i.side = 'deployed' THEN i.integration_id END) AS integration_id,
    COALESCE(MAX(CASE WHEN i.side = 'deployed' THEN i.provider END), MAX(i.provider)) AS provider,
    MAX(CASE WHEN i.side = 'declared' THEN i.revision_key END) AS declared_revision_key,
    MAX(CASE WHEN i.side = 'deployed' THEN i.revision_key END) AS deployed_revision_key,
    MAX(CASE WHEN i.side = 'declared' THEN i.other_properties END) AS declared_in,
    MIN(i.content_hash) AS content_hash,
    MAX(i.content_hash) AS other_content_hash
  FROM integrations_on_sides AS i
  GROUP BY
    i.project_id,
    i.name,
    i.twin
), pairs AS (
  SELECT
    *
  FROM integrations_beside
  WHERE
    is_declared > 0 AND is_deployed > 0 AND content_hash <> other_content_hash
), content_sides AS (
  SELECT
    p.project_id,
    p.integration_name,
    p.twin,
    s.side,
    CASE s.side
      WHEN 'declared'
      THEN p.declared_revision_key
      ELSE p.deployed_revision_key
    END AS content_key
  FROM pairs AS p
  CROSS JOIN (
    SELECT
      'declared' AS side
    UNION ALL
    SELECT
      'deployed'
  ) AS s
), contents AS (
  SELECT DISTINCT
    content_key AS revision_key
  FROM content_sides
  WHERE
    NOT content_key IS NULL
), objects AS (
  SELECT
    o.*,
    ROW_NUMBER() OVER (
      PARTITION BY o.revision_key, o.action, o.object_name
      ORDER BY o.position NULLS LAST
    ) AS object_nth
  FROM `warehouse`.`ampersand_data`.`revision_objects` AS o
  JOIN contents AS c
    ON c.revision_key = o.revision_key
), events AS (
  SELECT
    e.*,
    o.action,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY e.object_key, e.event_type, e.event_name
      ORDER BY e.position NULLS LAST
    ) AS nth
  FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS e
  JOIN objects AS o
    ON o.object_key = e.object_key
), things AS (
  SELECT
    r.revision_key,
    r.revision_key AS thing_key,
    'revision' AS kind,
    CAST(NULL AS STRING) AS action,
    CAST(NULL AS STRING) AS object_name,
    CAST(NULL AS STRING) AS field_name,
    CAST(NULL AS STRING) AS event_type,
    CAST(NULL AS STRING) AS event_name,
    1 AS object_nth,
    1 AS nth,
    r.revision_id AS detail
  FROM `warehouse`.`ampersand_data`.`revisions` AS r
  JOIN contents AS c
    ON c.revision_key = r.revision_key
  UNION ALL
  SELECT
    revision_key,
    object_key,
    'object',
    action,
    object_name,
    NULL,
    NULL,
    NULL,
    object_nth,
    1,
    destination_name
  FROM objects
  UNION ALL
  SELECT
    f.revision_key,
    f.field_key,
    'field',
    o.action,
    o.object_name,
    COALESCE(NULLIF(f.field_name, ''), f.map_to_name),
    NULL,
    NULL,
    o.object_nth,
    ROW_NUMBER() OVER (
      PARTITION BY f.object_key, COALESCE(NULLIF(f.field_name, ''), f.map_to_name)
      ORDER BY f.map_to_name NULLS LAST, f.is_required DESC, f.position NULLS LAST
    ),
    CASE WHEN f.is_required THEN 'required' ELSE 'optional' END
  FROM `warehouse`.`ampersand_data`.`revision_fields` AS f
  JOIN objects AS o
    ON o.object_key = f.object_key
  UNION ALL
  SELECT
    revision_key,
    event_key,
    'event',
    action,
    object_name,
    NULL,
    event_type,
    event_name,
    object_nth,
    nth,
    enabled
  FROM events
  UNION ALL
  SELECT
    w.revision_key,
    w.watch_field_key,
    'watch_field',
    e.action,
    e.object_name,
    w.watch_field,
    e.event_type,
    e.event_name,
    e.object_nth,
    ROW_NUMBER() OVER (PARTITION BY w.event_key, w.watch_field ORDER BY w.position NULLS LAST),
    NULL
  FROM `warehouse`.`ampersand_data`.`revision_watch_fields` AS w
  JOIN events AS e
    ON e.event_key = w.event_key
  UNION ALL
  SELECT
    s.revision_key,
    s.schema_watch_event_key,
    'schema_watch_event',
    NULL,
    s.scope,
    NULL,
    s.event_type,
    NULL,
    1,
    1,
    s.enabled
  FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS s
  JOIN contents AS c
    ON c.revision_key = s.revision_key
), facts AS (
  SELECT
    thing_key,
    '' AS property,
    1 AS property_nth,
    detail AS value
  FROM things
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.revision_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN NULLIF(x.revision_id, '')
        WHEN 1
        THEN NULLIF(x.spec_version, '')
        WHEN 2
        THEN NULLIF(x.content_name, '')
        WHEN 3
        THEN NULLIF(x.content_provider, '')
        WHEN 4
        THEN NULLIF(x.display_name, '')
        WHEN 5
        THEN NULLIF(x.module, '')
        WHEN 6
        THEN CASE WHEN x.has_read THEN 'true' END
        WHEN 7
        THEN CASE WHEN x.has_write THEN 'true' END
        WHEN 8
        THEN CASE WHEN x.has_subscribe THEN 'true' END
        WHEN 9
        THEN CASE WHEN x.has_proxy THEN 'true' END
        WHEN 10
        THEN CASE WHEN x.proxy_enabled THEN 'true' END
        WHEN 11
        THEN CASE WHEN x.proxy_use_module THEN 'true' END
        WHEN 12
        THEN NULLIF(x.watch_schema_destination_name, '')
        WHEN 13
        THEN NULLIF(x.watch_schema_schedule, '')
      END AS value
    FROM `warehouse`.`ampersand_data`.`revisions` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('revision_id' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('spec_version' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('content_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('content_provider' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('display_name' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('module' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_read' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('has_write' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('has_subscribe' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('has_proxy' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('proxy_enabled' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('proxy_use_module' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('watch_schema_destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        13 AS number,
        CAST('watch_schema_schedule' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.object_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN NULLIF(x.map_to_name, '')
        WHEN 1
        THEN NULLIF(x.map_to_display_name, '')
        WHEN 2
        THEN NULLIF(x.destination_name, '')
        WHEN 3
        THEN NULLIF(x.schedule, '')
        WHEN 4
        THEN NULLIF(x.enabled, '')
        WHEN 5
        THEN NULLIF(x.optional_fields_auto, '')
        WHEN 6
        THEN CASE WHEN x.has_backfill THEN 'true' END
        WHEN 7
        THEN CAST(x.backfill_days AS STRING)
        WHEN 8
        THEN CASE WHEN x.backfill_full_history THEN 'true' END
        WHEN 9
        THEN NULLIF(x.delivery_mode, '')
        WHEN 10
        THEN CAST(x.delivery_page_size AS STRING)
        WHEN 11
        THEN CASE WHEN x.inherits_mapping THEN 'true' END
        WHEN 12
        THEN CASE WHEN x.allow_any_value_defaults THEN 'true' END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_objects` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('destination_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('schedule' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        5 AS number,
        CAST('optional_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        6 AS number,
        CAST('has_backfill' AS STRING) AS property
      UNION ALL
      SELECT
        7 AS number,
        CAST('backfill_days' AS STRING) AS property
      UNION ALL
      SELECT
        8 AS number,
        CAST('backfill_full_history' AS STRING) AS property
      UNION ALL
      SELECT
        9 AS number,
        CAST('delivery_mode' AS STRING) AS property
      UNION ALL
      SELECT
        10 AS number,
        CAST('delivery_page_size' AS STRING) AS property
      UNION ALL
      SELECT
        11 AS number,
        CAST('inherits_mapping' AS STRING) AS property
      UNION ALL
      SELECT
        12 AS number,
        CAST('allow_any_value_defaults' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.field_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN CASE WHEN x.is_required THEN 'true' WHEN NOT x.is_required THEN 'false' END
        WHEN 1
        THEN NULLIF(x.map_to_name, '')
        WHEN 2
        THEN NULLIF(x.map_to_display_name, '')
        WHEN 3
        THEN NULLIF(x.default_field_name, '')
        WHEN 4
        THEN NULLIF(x.prompt, '')
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_fields` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('is_required' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('map_to_name' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('map_to_display_name' AS STRING) AS property
      UNION ALL
      SELECT
        3 AS number,
        CAST('default_field_name' AS STRING) AS property
      UNION ALL
      SELECT
        4 AS number,
        CAST('prompt' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.event_key AS thing_key,
      n.property,
      CASE n.number
        WHEN 0
        THEN NULLIF(x.enabled, '')
        WHEN 1
        THEN NULLIF(x.watch_fields_auto, '')
        WHEN 2
        THEN CASE WHEN x.include_full_records THEN 'true' END
      END AS value
    FROM `warehouse`.`ampersand_data`.`revision_subscribe_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('enabled' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('watch_fields_auto' AS STRING) AS property
      UNION ALL
      SELECT
        2 AS number,
        CAST('include_full_records' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    f.thing_key,
    f.property,
    1,
    f.value
  FROM (
    SELECT
      x.schema_watch_event_key AS thing_key,
      n.property,
      CASE n.number WHEN 0 THEN NULLIF(x.scope, '') WHEN 1 THEN NULLIF(x.enabled, '') END AS value
    FROM `warehouse`.`ampersand_data`.`revision_schema_watch_events` AS x
    JOIN contents AS c
      ON c.revision_key = x.revision_key
    CROSS JOIN (
      SELECT
        0 AS number,
        CAST('scope' AS STRING) AS property
      UNION ALL
      SELECT
        1 AS number,
        CAST('enabled' AS STRING) AS property
    ) AS n
  ) AS f
  WHERE
    NOT f.value IS NULL
  UNION ALL
  SELECT
    COALESCE(t.thing_key, u.revision_key),
    u.property_name,
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(t.thing_key, u.revision_key), u.property_name
      ORDER BY u.value NULLS LAST
    ),
    u.value
  FROM `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  JOIN contents AS c
    ON c.revision_key = u.revision_key
  LEFT JOIN things AS t
    ON t.thing_key = u.parent_key
  WHERE
    NOT u.value IN ('null', '""', 'false')
), compared AS (
  SELECT
    p.project_id,
    p.integration_name,
    p.twin,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    COUNT(CASE WHEN p.side = 'declared' THEN 1 END) AS is_declared,
    COUNT(CASE WHEN p.side = 'deployed' THEN 1 END) AS is_deployed,
    MAX(CASE WHEN p.side = 'declared' THEN f.value END) AS declared_value,
    MAX(CASE WHEN p.side = 'deployed' THEN f.value END) AS deployed_value
  FROM content_sides AS p
  JOIN things AS t
    ON t.revision_key = p.content_key
  JOIN facts AS f
    ON f.thing_key = t.thing_key
  WHERE
    f.property <> 'revision_id'
  GROUP BY
    p.project_id,
    p.integration_name,
    p.twin,
    t.kind,
    t.action,
    t.object_name,
    t.field_name,
    t.event_type,
    t.event_name,
    t.object_nth,
    t.nth,
    f.property,
    f.property_nth
), judged AS (
  SELECT
    c.*,
    MAX(CASE WHEN c.property = '' THEN 1 ELSE 0 END) OVER (
      PARTITION BY c.project_id, c.integration_name, c.twin, c.kind, c.action, c.object_name, c.field_name, c.event_type, c.event_name, c.object_nth, c.nth
    ) AS is_one_sided
  FROM compared AS c
  WHERE
    c.is_declared = 0
    OR c.is_deployed = 0
    OR (
      c.property <> '' AND c.declared_value <> c.deployed_value
    )
), differences AS (
  SELECT
    *
  FROM judged
  WHERE
    property = '' OR is_one_sided = 0
), told AS (
  SELECT
    x.project_id,
    x.integration_name,
    x.twin,
    'integration' AS kind,
    CAST(NULL AS STRING) AS action,
    CAST(NULL AS STRING) AS object_name,
    CAST(NULL AS STRING) AS field_name,
    CAST(NULL AS STRING) AS event_type,
    CAST(NULL AS STRING) AS event_name,
    CAST(NULL AS STRING) AS property,
    x.is_declared,
    x.is_deployed,
    CAST(NULL AS STRING) AS declared_value,
    CAST(NULL AS STRING) AS deployed_value
  FROM integrations_beside AS x
  WHERE
    x.is_declared = 0 OR x.is_deployed = 0
  UNION ALL
  SELECT
    d.project_id,
    d.integration_name,
    d.twin,
    d.kind,
    d.action,
    d.object_name,
    d.field_name,
    d.event_type,
    d.event_name,
    NULLIF(d.property, ''),
    d.is_declared,
    d.is_deployed,
    d.declared_value,
    d.deployed_value
  FROM differences AS d
)
SELECT
  t.project_id,
  p.project_name,
  x.integration_id,
  t.integration_name,
  x.provider,
  CASE
    WHEN NOT t.property IS NULL
    THEN 'differs'
    WHEN t.is_deployed = 0
    THEN 'not_deployed'
    ELSE 'not_declared'
  END AS difference,
  t.kind,
  t.action,
  t.object_name,
  t.field_name,
  t.event_type,
  t.event_name,
  t.property,
  t.declared_value,
  t.deployed_value,
  x.declared_in,
  p.declared_from,
  p.listed_at,
  x.declared_revision_key,
  x.deployed_revision_key
FROM told AS t
JOIN projects_on_both AS p
  ON p.project_id = t.project_id
JOIN integrations_beside AS x
  ON x.project_id = t.project_id
  AND x.twin = t.twin
  AND COALESCE(x.integration_name, '') = COALESCE(t.integration_name, '');

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`project_freshness` COMMENT 'One row per project that is there now: how old what the views show of it is, and which listings failed since.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), failures AS (
  SELECT
    p.project_id,
    COUNT(*) AS failures,
    MIN(l.run_id) AS first_run,
    MAX(l.run_id) AS last_run
  FROM `warehouse`.`ampersand_data`.`current_projects` AS p
  JOIN `warehouse`.`ampersand_data`.`project_listings` AS l
    ON l.project_id = p.project_id AND l.run_id > p.run_id AND l.outcome = 'failed'
  JOIN runs AS r
    ON r.run_id = l.run_id
  GROUP BY
    p.project_id
)
SELECT
  p.project_id,
  p.name AS project_name,
  p.listed_at,
  l.integrations,
  COALESCE(f.failures, 0) AS failures,
  a.started_at AS failing_since,
  e.error AS last_error,
  p.run_id
FROM `warehouse`.`ampersand_data`.`current_projects` AS p
JOIN `warehouse`.`ampersand_data`.`project_listings` AS l
  ON l.project_id = p.project_id AND l.run_id = p.run_id
LEFT JOIN failures AS f
  ON f.project_id = p.project_id
LEFT JOIN runs AS a
  ON a.run_id = f.first_run
LEFT JOIN `warehouse`.`ampersand_data`.`project_listings` AS e
  ON e.project_id = p.project_id AND e.run_id = f.last_run;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_collections` COMMENT 'One row per collection of a project, such as its installations: as of the last run that could list it.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), latest AS (
  SELECT
    c.collection,
    c.project_id,
    MAX(c.run_id) AS run_id
  FROM `warehouse`.`ampersand_data`.`collection_listings` AS c
  JOIN runs AS r
    ON r.run_id = c.run_id
  WHERE
    c.outcome IN ('listed', 'unchanged')
  GROUP BY
    c.collection,
    c.project_id
)
SELECT
  l.project_id,
  p.name AS project_name,
  l.collection,
  c.listing_key,
  c.entries,
  c.run_id,
  r.started_at AS listed_at
FROM latest AS l
JOIN `warehouse`.`ampersand_data`.`collection_listings` AS c
  ON c.collection = l.collection
  AND c.project_id = l.project_id
  AND c.run_id = l.run_id
JOIN runs AS r
  ON r.run_id = l.run_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_projects` AS p
  ON p.project_id = l.project_id
WHERE
  l.project_id = '' OR NOT p.project_id IS NULL;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_destinations` COMMENT 'One row per destination that is there now.' AS
SELECT
  c.project_id,
  c.project_name,
  x.destination_key,
  x.destination_id,
  x.name,
  x.destination_type,
  x.url_host,
  x.has_headers,
  x.region,
  x.stream_name,
  x.partition_key_template,
  x.bucket,
  x.key_template,
  x.storage_class,
  x.container,
  x.database_name,
  x.clickhouse_database,
  x.schema_name,
  x.table_name,
  x.gcp_project_id,
  x.bigquery_dataset,
  x.bigquery_table,
  x.redshift_workgroup,
  x.redshift_cluster,
  x.pubsub_topic,
  x.exchange,
  x.queue_name,
  x.queue_address,
  x.server_address,
  x.is_tls,
  x.batch_size,
  x.max_wait_seconds,
  x.create_time,
  x.update_time,
  c.listed_at
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
  ON e.listing_key = c.listing_key AND e.collection = c.collection
JOIN `warehouse`.`ampersand_data`.`destinations` AS x
  ON x.destination_key = e.entry_key
WHERE
  c.collection = 'destinations';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_installations` COMMENT 'One row per installation that is there now, with the revision that it is on.' AS
SELECT
  c.project_id,
  c.project_name,
  x.installation_key,
  x.installation_id,
  x.integration_id,
  x.config_key,
  x.connection_id,
  x.group_ref,
  x.group_name,
  x.health_status,
  x.last_operation_status,
  x.created_by,
  x.create_time,
  x.update_time,
  i.name AS integration_name,
  i.provider,
  f.config_id,
  f.revision_id,
  f.create_time AS config_create_time,
  f.proxy_enabled,
  i.revision_id AS latest_revision_id,
  f.revision_id <> i.revision_id AS is_outdated,
  c.listed_at
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
  ON e.listing_key = c.listing_key AND e.collection = c.collection
JOIN `warehouse`.`ampersand_data`.`installations` AS x
  ON x.installation_key = e.entry_key
LEFT JOIN `warehouse`.`ampersand_data`.`installation_configs` AS f
  ON f.config_key = x.config_key
LEFT JOIN `warehouse`.`ampersand_data`.`current_integrations` AS i
  ON i.project_id = c.project_id AND i.integration_id = x.integration_id
WHERE
  c.collection = 'installations';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_installation_objects` COMMENT 'One row per object that an installation has selected, for an action.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider,
  i.installation_id,
  i.group_ref,
  i.group_name,
  x.config_object_key,
  x.config_key,
  x.action,
  x.object_name,
  x.destination_name,
  x.schedule,
  x.is_disabled,
  x.selected_fields_auto,
  x.backfill_days,
  x.backfill_full_history,
  x.deletion_enabled,
  x.inherits_fields_and_mappings,
  x.quota_optimization_enabled
FROM `warehouse`.`ampersand_data`.`current_installations` AS i
JOIN `warehouse`.`ampersand_data`.`installation_objects` AS x
  ON x.config_key = i.config_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_installation_fields` COMMENT 'One row per field that an installation has: selected, mapped, watched, written by default.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider,
  i.installation_id,
  i.group_ref,
  i.group_name,
  x.config_field_key,
  x.config_key,
  x.config_object_key,
  x.object_name,
  x.purpose,
  x.position,
  x.name,
  x.field_name,
  x.map_to_name,
  x.map_to_display_name,
  x.prompt,
  x.is_selected,
  x.write_on_create,
  x.write_on_update,
  x.has_default
FROM `warehouse`.`ampersand_data`.`current_installations` AS i
JOIN `warehouse`.`ampersand_data`.`installation_fields` AS x
  ON x.config_key = i.config_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_connections` COMMENT 'One row per connection that is there now.' AS
SELECT
  c.project_id,
  c.project_name,
  x.connection_key,
  x.connection_id,
  x.provider,
  x.provider_app_id,
  x.auth_scheme,
  x.status,
  x.scopes,
  x.group_ref,
  x.group_name,
  x.consumer_ref,
  x.consumer_name,
  x.provider_workspace_ref,
  x.provider_consumer_ref,
  x.create_time,
  c.listed_at
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
  ON e.listing_key = c.listing_key AND e.collection = c.collection
JOIN `warehouse`.`ampersand_data`.`connections` AS x
  ON x.connection_key = e.entry_key
WHERE
  c.collection = 'connections';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_providers` COMMENT 'One row per provider that is in the catalog now.' AS
SELECT
  x.provider_key,
  x.provider,
  x.display_name,
  x.auth_type,
  x.base_url,
  x.default_module,
  x.post_auth_info_needed,
  x.supports_read,
  x.supports_write,
  x.supports_subscribe,
  x.supports_proxy,
  x.supports_delete,
  x.supports_search,
  x.supports_bulk_insert,
  x.supports_bulk_update,
  x.supports_bulk_upsert,
  x.supports_bulk_delete,
  x.supports_create_events,
  x.supports_update_events,
  x.supports_delete_events,
  x.supports_other_events,
  c.listed_at
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
  ON e.listing_key = c.listing_key AND e.collection = c.collection
JOIN `warehouse`.`ampersand_data`.`providers` AS x
  ON x.provider_key = e.entry_key
WHERE
  c.collection = 'providers';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_provider_modules` COMMENT 'One row per module of a provider that is in the catalog now.' AS
SELECT
  p.provider,
  p.display_name AS provider_display_name,
  m.provider_module_key,
  m.provider_key,
  m.module,
  m.display_name,
  m.base_url,
  m.supports_read,
  m.supports_write,
  m.supports_subscribe,
  m.supports_proxy,
  m.supports_delete,
  m.supports_search,
  m.supports_bulk_insert,
  m.supports_bulk_update,
  m.supports_bulk_upsert,
  m.supports_bulk_delete,
  m.supports_create_events,
  m.supports_update_events,
  m.supports_delete_events,
  m.supports_other_events
FROM `warehouse`.`ampersand_data`.`current_providers` AS p
JOIN `warehouse`.`ampersand_data`.`provider_modules` AS m
  ON m.provider_key = p.provider_key;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_provider_apps` COMMENT 'One row per provider app that is there now.' AS
SELECT
  c.project_id,
  c.project_name,
  x.provider_app_key,
  x.provider_app_id,
  x.provider,
  x.external_ref,
  x.client_id,
  x.scopes,
  x.create_time,
  x.update_time,
  c.listed_at
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
  ON e.listing_key = c.listing_key AND e.collection = c.collection
JOIN `warehouse`.`ampersand_data`.`provider_apps` AS x
  ON x.provider_app_key = e.entry_key
WHERE
  c.collection = 'provider_apps';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_notification_routes` COMMENT 'One row per way of a notification that is there now: from the event by its topic to a destination.' AS
WITH entries AS (
  SELECT
    c.project_id,
    c.project_name,
    e.collection,
    e.entry_key
  FROM `warehouse`.`ampersand_data`.`current_collections` AS c
  JOIN `warehouse`.`ampersand_data`.`collection_entries` AS e
    ON e.listing_key = c.listing_key AND e.collection = c.collection
)
SELECT
  n.project_id,
  n.project_name,
  t.topic_id,
  t.name AS topic,
  r.event_type,
  d.destination_id,
  o.name AS destination_name
FROM entries AS n
JOIN `warehouse`.`ampersand_data`.`topics` AS t
  ON t.topic_key = n.entry_key
LEFT JOIN (
  SELECT
    x.project_id,
    x.topic_id,
    x.event_type
  FROM entries AS e
  JOIN `warehouse`.`ampersand_data`.`topic_event_routes` AS x
    ON x.topic_event_route_key = e.entry_key
  WHERE
    e.collection = 'topic_event_routes'
) AS r
  ON r.project_id = n.project_id AND r.topic_id = t.topic_id
LEFT JOIN (
  SELECT
    x.project_id,
    x.topic_id,
    x.destination_id
  FROM entries AS e
  JOIN `warehouse`.`ampersand_data`.`topic_destination_routes` AS x
    ON x.topic_destination_route_key = e.entry_key
  WHERE
    e.collection = 'topic_destination_routes'
) AS d
  ON d.project_id = n.project_id AND d.topic_id = t.topic_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_destinations` AS o
  ON o.project_id = n.project_id AND o.destination_id = d.destination_id
WHERE
  n.collection = 'topics';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_operations` COMMENT 'One row per operation ever seen of a project that is there now: its latest state.' AS
WITH runs AS (
  SELECT
    r.run_id,
    r.started_at
  FROM `warehouse`.`ampersand_data`.`extraction_runs` AS r
  WHERE
    r._dlt_load_id IN (
      SELECT
        l.load_id
      FROM `warehouse`.`ampersand_data`.`_dlt_loads` AS l
      WHERE
        l.status = 0
    )
    AND r.scope <> 'manifests'
), known AS (
  SELECT
    p.project_id,
    p.credential,
    MIN(p.run_id) AS since,
    MAX(CASE WHEN p.outcome <> 'failed' THEN p.run_id END) AS last_listed
  FROM `warehouse`.`ampersand_data`.`project_listings` AS p
  JOIN runs AS r
    ON r.run_id = p.run_id
  WHERE
    p.outcome IN ('listed', 'unchanged')
    OR (
      p.outcome = 'failed' AND NOT p.project_key IS NULL
    )
  GROUP BY
    p.project_id,
    p.credential
), latest AS (
  SELECT
    o.operation_key,
    ROW_NUMBER() OVER (
      PARTITION BY o.project_id, o.operation_id
      ORDER BY o.run_id DESC, CASE WHEN o.status = 'in_progress' THEN 1 ELSE 0 END NULLS LAST, o.operation_key NULLS LAST
    ) AS place
  FROM `warehouse`.`ampersand_data`.`operations` AS o
  LEFT JOIN runs AS r
    ON r.run_id = o.run_id
  LEFT JOIN `warehouse`.`ampersand_data`.`current_collections` AS c
    ON c.project_id = o.project_id
    AND c.collection = 'operations'
    AND c.run_id >= o.run_id
  WHERE
    NOT r.run_id IS NULL OR NOT c.run_id IS NULL
)
SELECT
  o.project_id,
  p.name AS project_name,
  o.operation_id,
  o.operation_key,
  o.run_id,
  o.integration_id,
  o.installation_id,
  o.config_id,
  o.action_type,
  o.status,
  o.result,
  o.object_names,
  o.retry_attempts,
  o.records_processed,
  o.records_estimated_total,
  o.create_time,
  i.name AS integration_name,
  i.provider
FROM latest AS l
JOIN `warehouse`.`ampersand_data`.`operations` AS o
  ON o.operation_key = l.operation_key AND l.place = 1
JOIN `warehouse`.`ampersand_data`.`current_projects` AS p
  ON p.project_id = o.project_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_integrations` AS i
  ON i.project_id = o.project_id AND i.integration_id = o.integration_id;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`current_dropped_properties` COMMENT 'One row per value beside the integrations that no column takes now; of operations, in any state that was seen. Since it may be a secret, it is not kept; where it was is.' AS
SELECT
  c.project_id,
  c.project_name,
  c.collection,
  u.json_path,
  u.property_name,
  u.reason,
  u.parent_key
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  ON u.listing_key = c.listing_key
UNION ALL
SELECT
  c.project_id,
  c.project_name,
  c.collection,
  u.json_path,
  u.property_name,
  u.reason,
  u.parent_key
FROM `warehouse`.`ampersand_data`.`current_collections` AS c
JOIN `warehouse`.`ampersand_data`.`operations` AS o
  ON o.project_id = c.project_id AND o.run_id <= c.run_id
JOIN `warehouse`.`ampersand_data`.`revision_unmapped_properties` AS u
  ON u.parent_table = 'operations' AND u.parent_key = o.operation_key
WHERE
  c.collection = 'operations';

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`outdated_installations` COMMENT 'One row per installation that is not on the latest revision.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider,
  i.installation_id,
  i.group_ref,
  i.group_name,
  i.revision_id,
  i.latest_revision_id,
  o.create_time AS deployed_at,
  n.create_time AS latest_deployed_at,
  o.content_hash <> n.content_hash AS is_content_different
FROM `warehouse`.`ampersand_data`.`current_installations` AS i
LEFT JOIN `warehouse`.`ampersand_data`.`current_integrations` AS c
  ON c.project_id = i.project_id AND c.integration_id = i.integration_id
LEFT JOIN `warehouse`.`ampersand_data`.`revisions` AS n
  ON n.revision_key = c.revision_key
LEFT JOIN (
  SELECT
    project_id,
    integration_id,
    revision_id,
    MAX(create_time) AS create_time,
    MAX(content_hash) AS content_hash
  FROM `warehouse`.`ampersand_data`.`revisions`
  GROUP BY
    project_id,
    integration_id,
    revision_id
) AS o
  ON o.project_id = i.project_id
  AND o.integration_id = i.integration_id
  AND o.revision_id = i.revision_id
WHERE
  i.is_outdated;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`object_adoption` COMMENT 'One row per object entry that is there now: how many installations have selected it.' AS
WITH installed AS (
  SELECT
    project_id,
    integration_id,
    COUNT(*) AS installations
  FROM `warehouse`.`ampersand_data`.`current_installations`
  GROUP BY
    project_id,
    integration_id
), selected AS (
  SELECT
    project_id,
    integration_id,
    action,
    object_name,
    COUNT(DISTINCT installation_id) AS installations
  FROM `warehouse`.`ampersand_data`.`current_installation_objects`
  GROUP BY
    project_id,
    integration_id,
    action,
    object_name
)
SELECT
  o.project_id,
  o.project_name,
  o.integration_id,
  o.integration_name,
  o.provider,
  o.object_key,
  o.action,
  o.object_name,
  COALESCE(n.installations, 0) AS installations,
  COALESCE(s.installations, 0) AS selected_by
FROM `warehouse`.`ampersand_data`.`current_objects` AS o
JOIN `warehouse`.`ampersand_data`.`current_collections` AS c
  ON c.project_id = o.project_id AND c.collection = 'installations'
LEFT JOIN installed AS n
  ON n.project_id = o.project_id AND n.integration_id = o.integration_id
LEFT JOIN selected AS s
  ON s.project_id = o.project_id
  AND s.integration_id = o.integration_id
  AND s.action = o.action
  AND s.object_name = o.object_name;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`destination_status` COMMENT 'One row per name of a destination in a project, be it there or only used.' AS
WITH used AS (
  SELECT
    project_id,
    project_name,
    destination_name AS name,
    integration_id,
    CAST(NULL AS STRING) AS installation_id,
    CAST(NULL AS STRING) AS topic_id
  FROM `warehouse`.`ampersand_data`.`current_objects`
  UNION ALL
  SELECT
    project_id,
    project_name,
    watch_schema_destination_name,
    integration_id,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)
  FROM `warehouse`.`ampersand_data`.`current_revisions`
  UNION ALL
  SELECT
    project_id,
    project_name,
    destination_name,
    CAST(NULL AS STRING),
    installation_id,
    CAST(NULL AS STRING)
  FROM `warehouse`.`ampersand_data`.`current_installation_objects`
  UNION ALL
  SELECT
    project_id,
    project_name,
    destination_name,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING),
    topic_id
  FROM `warehouse`.`ampersand_data`.`current_notification_routes`
  UNION ALL
  SELECT
    project_id,
    project_name,
    name,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)
  FROM `warehouse`.`ampersand_data`.`current_destinations`
), counted AS (
  SELECT
    project_id,
    MAX(project_name) AS project_name,
    name,
    COUNT(DISTINCT integration_id) AS integrations,
    COUNT(DISTINCT installation_id) AS installations,
    COUNT(DISTINCT topic_id) AS topics
  FROM used
  WHERE
    NOT name IS NULL AND name <> ''
  GROUP BY
    project_id,
    name
)
SELECT
  n.project_id,
  n.project_name,
  n.name,
  d.destination_id,
  d.destination_type,
  n.integrations,
  n.installations,
  n.topics,
  CASE
    WHEN d.destination_id IS NULL
    THEN 'dangling'
    WHEN n.integrations + n.installations + n.topics = 0
    THEN 'unused'
    ELSE 'used'
  END AS usage
FROM counted AS n
JOIN `warehouse`.`ampersand_data`.`current_collections` AS c
  ON c.project_id = n.project_id AND c.collection = 'destinations'
LEFT JOIN `warehouse`.`ampersand_data`.`current_destinations` AS d
  ON d.project_id = n.project_id AND d.name = n.name;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`installation_health` COMMENT 'One row per integration that is installed now: how many of its installations work.' AS
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider,
  COUNT(*) AS installations,
  COUNT(CASE WHEN i.health_status = 'unhealthy' THEN 1 END) AS unhealthy,
  COUNT(CASE WHEN i.last_operation_status = 'failure' THEN 1 END) AS failed_last,
  COUNT(CASE WHEN c.status = 'bad_credentials' THEN 1 END) AS broken_connections,
  COUNT(CASE WHEN i.is_outdated THEN 1 END) AS outdated
FROM `warehouse`.`ampersand_data`.`current_installations` AS i
LEFT JOIN `warehouse`.`ampersand_data`.`current_connections` AS c
  ON c.project_id = i.project_id AND c.connection_id = i.connection_id
GROUP BY
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`operation_outcomes` COMMENT 'One row per integration and action: what came of its operations.' AS
SELECT
  project_id,
  project_name,
  integration_id,
  integration_name,
  provider,
  action_type,
  COUNT(*) AS operations,
  COUNT(CASE WHEN status = 'failure' THEN 1 END) AS failures,
  COUNT(CASE WHEN status = 'in_progress' THEN 1 END) AS in_progress,
  COUNT(DISTINCT CASE WHEN status = 'failure' THEN installation_id END) AS failing_installations,
  MAX(CASE WHEN status = 'failure' THEN create_time END) AS last_failure_at,
  MAX(CASE WHEN status = 'failure' THEN result END) AS failure_example
FROM `warehouse`.`ampersand_data`.`current_operations`
GROUP BY
  project_id,
  project_name,
  integration_id,
  integration_name,
  provider,
  action_type;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`broken_connections` COMMENT 'One row per connection that is there now and does not work.' AS
SELECT
  c.project_id,
  c.project_name,
  c.connection_id,
  c.provider,
  c.auth_scheme,
  c.status,
  c.group_ref,
  c.group_name,
  c.consumer_name,
  c.create_time,
  COUNT(i.installation_id) AS installations
FROM `warehouse`.`ampersand_data`.`current_connections` AS c
LEFT JOIN `warehouse`.`ampersand_data`.`current_installations` AS i
  ON i.project_id = c.project_id AND i.connection_id = c.connection_id
WHERE
  NOT c.status IN ('created', 'working')
GROUP BY
  c.project_id,
  c.project_name,
  c.connection_id,
  c.provider,
  c.auth_scheme,
  c.status,
  c.group_ref,
  c.group_name,
  c.consumer_name,
  c.create_time;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`mapped_fields` COMMENT 'One row per field of a provider and name that installations map it to.' AS
SELECT
  provider,
  object_name,
  name AS map_to_name,
  field_name,
  COUNT(DISTINCT installation_id) AS installations,
  COUNT(DISTINCT group_ref) AS customers
FROM `warehouse`.`ampersand_data`.`current_installation_fields`
WHERE
  purpose = 'mapping' AND NOT field_name IS NULL
GROUP BY
  provider,
  object_name,
  name,
  field_name;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`unsupported_capabilities` COMMENT 'One row per capability that an integration uses and the catalog denies.' AS
WITH catalog AS (
  SELECT
    p.provider,
    m.module,
    m.supports_read,
    m.supports_write,
    m.supports_subscribe,
    m.supports_proxy,
    m.supports_delete,
    m.supports_create_events,
    m.supports_update_events,
    m.supports_delete_events
  FROM `warehouse`.`ampersand_data`.`current_providers` AS p
  JOIN `warehouse`.`ampersand_data`.`provider_modules` AS m
    ON m.provider_key = p.provider_key
  UNION ALL
  SELECT
    p.provider,
    '',
    p.supports_read,
    p.supports_write,
    p.supports_subscribe,
    p.supports_proxy,
    p.supports_delete,
    p.supports_create_events,
    p.supports_update_events,
    p.supports_delete_events
  FROM `warehouse`.`ampersand_data`.`current_providers` AS p
), integrated AS (
  SELECT
    r.project_id,
    r.project_name,
    r.integration_id,
    r.integration_name,
    r.provider,
    r.revision_key,
    COALESCE(r.module, p.default_module, '') AS module,
    r.has_read,
    r.has_write,
    r.has_subscribe,
    COALESCE(r.proxy_enabled, FALSE) AS has_proxy
  FROM `warehouse`.`ampersand_data`.`current_revisions` AS r
  JOIN `warehouse`.`ampersand_data`.`current_providers` AS p
    ON p.provider = r.provider
), used AS (
  SELECT
    revision_key,
    'read' AS capability
  FROM integrated
  WHERE
    has_read
  UNION ALL
  SELECT
    revision_key,
    'write'
  FROM integrated
  WHERE
    has_write
  UNION ALL
  SELECT
    revision_key,
    'subscribe'
  FROM integrated
  WHERE
    has_subscribe
  UNION ALL
  SELECT
    revision_key,
    'proxy'
  FROM integrated
  WHERE
    has_proxy
  UNION ALL
  SELECT DISTINCT
    o.revision_key,
    'delete'
  FROM `warehouse`.`ampersand_data`.`current_objects` AS o
  WHERE
    o.action = 'delete'
  UNION ALL
  SELECT DISTINCT
    e.revision_key,
    e.event_type || ' events'
  FROM `warehouse`.`ampersand_data`.`current_subscribe_events` AS e
  WHERE
    e.is_enabled AND e.event_type IN ('create', 'update', 'delete')
)
SELECT
  i.project_id,
  i.project_name,
  i.integration_id,
  i.integration_name,
  i.provider,
  i.module,
  u.capability
FROM used AS u
JOIN integrated AS i
  ON i.revision_key = u.revision_key
JOIN catalog AS c
  ON c.provider = i.provider AND c.module = i.module
WHERE
  NOT CASE u.capability
    WHEN 'read'
    THEN COALESCE(c.supports_read, TRUE)
    WHEN 'write'
    THEN COALESCE(c.supports_write, TRUE)
    WHEN 'subscribe'
    THEN COALESCE(c.supports_subscribe, TRUE)
    WHEN 'proxy'
    THEN COALESCE(c.supports_proxy, TRUE)
    WHEN 'delete'
    THEN COALESCE(c.supports_delete, TRUE)
    WHEN 'create events'
    THEN COALESCE(c.supports_create_events, TRUE)
    WHEN 'update events'
    THEN COALESCE(c.supports_update_events, TRUE)
    WHEN 'delete events'
    THEN COALESCE(c.supports_delete_events, TRUE)
    ELSE TRUE
  END;

CREATE OR REPLACE VIEW `warehouse`.`ampersand_data`.`adoption_by_month` COMMENT 'One row per integration and month in which it was installed: how many installations came, and how many of those are still there.' AS
WITH seen AS (
  SELECT
    project_id,
    installation_id,
    MAX(integration_id) AS integration_id,
    MIN(create_time) AS create_time
  FROM `warehouse`.`ampersand_data`.`installations`
  WHERE
    NOT create_time IS NULL
  GROUP BY
    project_id,
    installation_id
)
SELECT
  s.project_id,
  p.name AS project_name,
  s.integration_id,
  i.name AS integration_name,
  i.provider,
  SUBSTRING(CAST(s.create_time AS STRING), 1, 7) AS month,
  COUNT(*) AS new_installations,
  COUNT(n.installation_id) AS still_there
FROM seen AS s
JOIN `warehouse`.`ampersand_data`.`current_projects` AS p
  ON p.project_id = s.project_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_integrations` AS i
  ON i.project_id = s.project_id AND i.integration_id = s.integration_id
LEFT JOIN `warehouse`.`ampersand_data`.`current_installations` AS n
  ON n.project_id = s.project_id AND n.installation_id = s.installation_id
GROUP BY
  s.project_id,
  p.name,
  s.integration_id,
  i.name,
  i.provider,
  SUBSTRING(CAST(s.create_time AS STRING), 1, 7);


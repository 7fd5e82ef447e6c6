CREATE TABLE `warehouse`.`ampersand_data`.`projects` (
`project_key` STRING  NOT NULL COMMENT 'Digest of the project\'s record.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`name` STRING   COMMENT 'Unique name of the project.',
`app_name` STRING   COMMENT 'Name that customers see when connecting.',
`org_id` STRING   COMMENT 'Id of the owning organisation.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.',
`other_properties` STRING   COMMENT 'JSON object of what no other column holds.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`projects` IS 'The projects as the API describes them. Holds history: every distinct content ever seen stays. For what is live now use current_projects. One row per project and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`listing_integrations` (
`listing_key` STRING  NOT NULL COMMENT 'Digest of the project\'s record and of the bytes of its listing.',
`integration_id` STRING  NOT NULL COMMENT 'Id of the integration; stable across revisions and renames.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`revision_key` STRING   COMMENT 'Its latest revision at that time; NULL when it had none.',
`name` STRING   COMMENT 'Name of the integration, unique in the project.',
`provider` STRING   COMMENT 'Key of the provider in Ampersand\'s catalog.',
`create_time` TIMESTAMP   COMMENT 'When the integration was created.',
`update_time` TIMESTAMP   COMMENT 'When it was last deployed or changed.',
`other_properties` STRING   COMMENT 'JSON object of what no other column holds.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`listing_integrations` IS 'Which integrations a project had in each distinct answer of the API. Holds history: every distinct content ever seen stays. For what is live now use current_integrations. One row per integration in a distinct listing of a project.';

CREATE TABLE `warehouse`.`ampersand_data`.`revisions` (
`revision_key` STRING  NOT NULL COMMENT 'Digest of project id, integration id and the revision as received.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`integration_id` STRING  NOT NULL COMMENT 'Id of the integration; stable across revisions and renames.',
`revision_id` STRING   COMMENT 'Id that the API gave the revision.',
`spec_version` STRING   COMMENT 'Version of the manifest\'s format.',
`create_time` TIMESTAMP   COMMENT 'When the revision was deployed.',
`content_name` STRING   COMMENT 'Name inside the manifest; repeats the integration\'s.',
`content_provider` STRING   COMMENT 'Provider inside the manifest; repeats the integration\'s.',
`display_name` STRING   COMMENT 'Label for people.',
`module` STRING   COMMENT 'Module of the provider, where it has several.',
`has_read` BOOLEAN   COMMENT 'Whether it has a block `read`, be it empty.',
`has_write` BOOLEAN   COMMENT 'Whether it has a block `write`, be it empty.',
`has_subscribe` BOOLEAN   COMMENT 'Whether it has a block `subscribe`, be it empty.',
`has_proxy` BOOLEAN   COMMENT 'Whether it has a block `proxy`, be it empty.',
`proxy_enabled` BOOLEAN   COMMENT 'Whether calls may be passed through; NULL counts as false.',
`proxy_use_module` BOOLEAN   COMMENT 'Whether the proxy\'s base address is the module\'s; NULL counts as false.',
`watch_schema_destination_name` STRING   COMMENT 'Name of the Ampersand destination told of changes in customers\' schemas.',
`watch_schema_schedule` STRING   COMMENT 'Cron expression of the checks for such changes.',
`watch_schema_min_interval_minutes` BIGINT   COMMENT 'Shortest time between two such checks, in minutes; NULL: no schedule, or unreadable.',
`content_hash` STRING   COMMENT 'SHA-256 of the content in canonical form; equal for equal manifests in any project.',
`content` STRING   COMMENT 'The whole manifest as JSON text in ASCII.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revisions` IS 'Revisions of integrations, each with the whole manifest. Holds history: every distinct content ever seen stays. For what is live now use current_revisions. One row per distinct revision content ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_objects` (
`object_key` STRING  NOT NULL COMMENT '`<revision_key>:<action>:<position>`.',
`revision_key` STRING  NOT NULL COMMENT 'The revision content that the row is part of.',
`action` STRING   COMMENT '`read`, `write`, `subscribe`, or the name of an action that the model does not know.',
`position` BIGINT  NOT NULL COMMENT 'Place in the list, from 0.',
`object_name` STRING   COMMENT 'Name of the object at the provider.',
`map_to_name` STRING   COMMENT 'Name under which it is delivered, when mapped (read).',
`map_to_display_name` STRING   COMMENT 'Label of the mapped object (read).',
`destination_name` STRING   COMMENT 'Name of the Ampersand destination that receives it (read, subscribe).',
`schedule` STRING   COMMENT 'Cron expression of the scheduled reads; NULL: read on demand only (read).',
`schedule_runs_per_day` DOUBLE   COMMENT 'Scheduled reads per day, averaged over 28 years; NULL: no schedule, or unreadable.',
`schedule_min_interval_minutes` BIGINT   COMMENT 'Shortest time between two scheduled reads, in minutes.',
`enabled` STRING   COMMENT '`always`: read for every installation, even if not selected (read).',
`optional_fields_auto` STRING   COMMENT '`all`: customers may pick any field (read).',
`has_backfill` BOOLEAN   COMMENT 'Whether it has a block `backfill`, be it empty (read).',
`backfill_days` BIGINT   COMMENT 'Days of history read at first; 0: none (read).',
`backfill_full_history` BOOLEAN   COMMENT 'Whether all history is read at first (read).',
`delivery_mode` STRING   COMMENT '`auto` or `onRequest`; NULL counts as `auto` (read).',
`delivery_page_size` BIGINT   COMMENT 'Records per delivery with `onRequest` (read).',
`inherits_mapping` BOOLEAN   COMMENT 'Whether mapping (write) or fields and mapping (subscribe) are those of the read object of the same name; NULL counts as false.',
`allow_any_value_defaults` BOOLEAN   COMMENT 'Whether customers may set default values for any field (write).');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_objects` IS 'The objects that a manifest reads, writes or subscribes to. Holds history: every distinct content ever seen stays. For what is live now use current_objects. One row per entry of `<action>.objects[]` in a revision content, any action.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_fields` (
`field_key` STRING  NOT NULL COMMENT '`<object_key>:required|optional:<position>`.',
`revision_key` STRING  NOT NULL COMMENT 'The revision content that the row is part of.',
`object_key` STRING  NOT NULL COMMENT 'The object entry that the row is part of.',
`object_name` STRING   COMMENT 'Name of the object at the provider, from the object entry.',
`is_required` BOOLEAN  NOT NULL COMMENT 'Whether every customer\'s field is read, without opting out.',
`position` BIGINT  NOT NULL COMMENT 'Place in the list, from 0.',
`field_name` STRING   COMMENT 'Name of the field at the provider, or a JSONPath; NULL: the customer chooses it.',
`map_to_name` STRING   COMMENT 'Name under which it is delivered, when mapped.',
`map_to_display_name` STRING   COMMENT 'Label of the mapped field.',
`default_field_name` STRING   COMMENT 'Field of the provider that is suggested to the customer.',
`prompt` STRING   COMMENT 'Help text shown to the customer.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_fields` IS 'The fields that a manifest reads, and how they are mapped. Holds history: every distinct content ever seen stays. For what is live now use current_fields. One row per entry of `requiredFields[]` or `optionalFields[]`.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_subscribe_events` (
`event_key` STRING  NOT NULL COMMENT '`<object_key>:<event_type>`, with `:<position>` for others.',
`revision_key` STRING  NOT NULL COMMENT 'The revision content that the row is part of.',
`object_key` STRING  NOT NULL COMMENT 'The object entry that the row is part of.',
`object_name` STRING   COMMENT 'Name of the object at the provider, from the object entry.',
`destination_name` STRING   COMMENT 'Ampersand destination, from the object entry.',
`event_type` STRING  NOT NULL COMMENT '`create`, `update`, `delete`, `association_change` or `other`.',
`event_name` STRING   COMMENT 'Name that the provider gives the event (other).',
`position` BIGINT   COMMENT 'Place in `otherEvents`, from 0 (other).',
`enabled` STRING   COMMENT '`always`: on. NULL: the block only describes the event.',
`watch_fields_auto` STRING   COMMENT '`all` or `selected` fields are watched (update).',
`include_full_records` BOOLEAN   COMMENT 'Whether whole records are delivered (association_change).');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_subscribe_events` IS 'The events of a subscribe object. Holds history: every distinct content ever seen stays. For what is live now use current_subscribe_events. One row per event block, or entry of `otherEvents[]`, of a subscribe object.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_watch_fields` (
`watch_field_key` STRING  NOT NULL COMMENT '`<event_key>:watch:<position>`.',
`revision_key` STRING  NOT NULL COMMENT 'The revision content that the row is part of.',
`event_key` STRING  NOT NULL COMMENT 'The event that the row is part of.',
`object_key` STRING  NOT NULL COMMENT 'The object entry that the row is part of.',
`position` BIGINT  NOT NULL COMMENT 'Place in the list, from 0.',
`watch_field` STRING   COMMENT 'Name of a field of the read object, or the name that it is mapped to.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_watch_fields` IS 'The fields whose changes trigger an update event. Holds history: every distinct content ever seen stays. For what is live now use current_watch_fields. One row per entry of `requiredWatchFields[]` of an update event.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_schema_watch_events` (
`schema_watch_event_key` STRING  NOT NULL COMMENT '`<revision_key>:watch_schema:<scope>:<event_type>`.',
`revision_key` STRING  NOT NULL COMMENT 'The revision content that the row is part of.',
`scope` STRING  NOT NULL COMMENT '`all_objects`.',
`event_type` STRING  NOT NULL COMMENT '`field_created`, `field_deleted` or `field_changed`.',
`enabled` STRING   COMMENT '`always`: on.',
`destination_name` STRING   COMMENT 'Ampersand destination, from `watchSchema`.',
`schedule` STRING   COMMENT 'Cron expression, from `watchSchema`.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_schema_watch_events` IS 'The changes of customers\' schemas of which a manifest asks to be told. Holds history: every distinct content ever seen stays. For what is live now use current_schema_watch_events. One row per event under `watchSchema`.';

CREATE TABLE `warehouse`.`ampersand_data`.`revision_unmapped_properties` (
`unmapped_property_key` STRING  NOT NULL COMMENT '`<revision_key or listing_key>:unmapped:<digest of the path>`.',
`revision_key` STRING   COMMENT 'The revision content that it is part of; NULL: outside one.',
`listing_key` STRING   COMMENT 'The listing that it is part of; NULL: inside a revision.',
`json_path` STRING  NOT NULL COMMENT 'Where it was: from the integration inside a revision, from the listing outside one, from the project where `parent_table` is `projects`.',
`property_name` STRING   COMMENT 'Last name in the path; NULL for an entry of a list.',
`value` STRING   COMMENT 'The value as JSON text in ASCII, as received.',
`reason` STRING  NOT NULL COMMENT '`unknown_property`, `wrong_type`, `not_an_object`, `not_text`, `unreadable`, `out_of_range`, `timestamp_precision`, `zero_time`, `duplicate_key`, `differs`, `no_id` or `duplicate_id`.',
`parent_table` STRING   COMMENT 'Table of the row that the value is part of.',
`parent_key` STRING   COMMENT 'Key of that row; parts of a compound key joined by `:`.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`revision_unmapped_properties` IS 'What the API sent and the model has no column for: unknown properties, wrong types, unreadable values. Holds history: every distinct content ever seen stays. For what is live now use current_unmapped_properties. One row per value that no column holds, anywhere in an answer.';

CREATE TABLE `warehouse`.`ampersand_data`.`extraction_runs` (
`run_id` STRING  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
`scope` STRING  NOT NULL COMMENT '`all`, `rebuild`, or a JSON list of the projects that the run was limited to.',
`selection` STRING   COMMENT 'Tables that were written, separated by blanks.',
`started_at` TIMESTAMP  NOT NULL COMMENT 'When it began.',
`model_version` BIGINT  NOT NULL COMMENT 'Version of the normalisation that made the rows.',
`versions` STRING   COMMENT 'JSON object: versions of the software that ran.',
`requests` BIGINT   COMMENT 'HTTP requests sent.',
`bytes` BIGINT   COMMENT 'Bytes of answers received, after decompression.',
`counts` STRING   COMMENT 'JSON object: rows per table.',
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

COMMENT ON TABLE `warehouse`.`ampersand_data`.`extraction_runs` IS 'The ledger\'s runs. A run counts once its load package is complete, that is, once `_dlt_loads` has its `_dlt_load_id` with status 0. One row per run that was loaded.';

CREATE TABLE `warehouse`.`ampersand_data`.`credential_listings` (
`run_id` STRING  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
`credential` STRING  NOT NULL COMMENT 'Fingerprint of the API key that was used; says nothing about the key itself.',
`outcome` STRING  NOT NULL COMMENT '`listed` or `failed`.',
`asks_for_all` BOOLEAN  NOT NULL COMMENT 'Whether all that the key can see was asked for, so that a project that it listed before and does not list now is gone.',
`projects` BIGINT   COMMENT 'Number of projects that it lists.',
`unreadable` STRING   COMMENT 'JSON list of entries that are no projects.',
`error` STRING   COMMENT 'What went wrong, when it failed.',
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

COMMENT ON TABLE `warehouse`.`ampersand_data`.`credential_listings` IS 'The ledger\'s lists of projects. A project is gone once a key that listed it before answers a complete list without it. One row per API key and run that asked which projects it can see.';

CREATE TABLE `warehouse`.`ampersand_data`.`project_listings` (
`run_id` STRING  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project; the name asked for when its id is not known.',
`credential` STRING  NOT NULL COMMENT 'Fingerprint of the API key that was used; says nothing about the key itself.',
`outcome` STRING  NOT NULL COMMENT '`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `not_found`: the API knows no such project. `failed`: nothing is known.',
`project_key` STRING   COMMENT 'The project\'s record in this run, when one was had.',
`listing_key` STRING   COMMENT 'The listing, when one was had.',
`integrations` BIGINT   COMMENT 'Number of integrations in the listing.',
`requests` BIGINT   COMMENT 'HTTP requests sent for the listing.',
`bytes` BIGINT   COMMENT 'Bytes of the listing, after decompression.',
`seconds` DOUBLE   COMMENT 'Time that the requests took, in seconds.',
`error` STRING   COMMENT 'What went wrong, when it failed.',
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

COMMENT ON TABLE `warehouse`.`ampersand_data`.`project_listings` IS 'The ledger\'s listings: what came of each project in each run. The listing of the latest run that counts and did not fail is what is current. One row per project in a run.';


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
`scope` STRING  NOT NULL COMMENT '`all`, `rebuild`, `manifests` (read from files, and no part of what is deployed), or a JSON list of the projects that the run was limited to.',
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
`credential` STRING  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
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
`credential` STRING  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
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

CREATE TABLE `warehouse`.`ampersand_data`.`destinations` (
`destination_key` STRING  NOT NULL COMMENT 'Digest of project and the destination\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`destination_id` STRING  NOT NULL COMMENT 'Id of the destination.',
`name` STRING   COMMENT 'Name that manifests refer to (`destination_name`); unique in the project.',
`destination_type` STRING   COMMENT '`webhook`, `kinesis`, `s3` and so on.',
`url_host` STRING   COMMENT 'Host of the webhook.',
`has_headers` BOOLEAN   COMMENT 'Whether requests to the webhook carry headers of their own.',
`region` STRING   COMMENT 'AWS region.',
`stream_name` STRING   COMMENT 'Kinesis stream.',
`partition_key_template` STRING   COMMENT 'How partition keys are made.',
`bucket` STRING   COMMENT 'S3 bucket.',
`key_template` STRING   COMMENT 'How keys of S3 objects are made.',
`storage_class` STRING   COMMENT 'Storage class of S3 objects.',
`container` STRING   COMMENT 'Container of Azure Blob Storage.',
`database_name` STRING   COMMENT 'Database (snowflake, redshift).',
`clickhouse_database` STRING   COMMENT 'Database (clickhouse).',
`schema_name` STRING   COMMENT 'Schema (snowflake, redshift).',
`table_name` STRING   COMMENT 'Table (clickhouse, snowflake, redshift).',
`gcp_project_id` STRING   COMMENT 'Google Cloud project (bigquery, pubsub).',
`bigquery_dataset` STRING   COMMENT 'BigQuery dataset.',
`bigquery_table` STRING   COMMENT 'BigQuery table.',
`redshift_workgroup` STRING   COMMENT 'Redshift Serverless workgroup.',
`redshift_cluster` STRING   COMMENT 'Redshift cluster.',
`pubsub_topic` STRING   COMMENT 'Pub/Sub topic.',
`exchange` STRING   COMMENT 'RabbitMQ exchange.',
`queue_name` STRING   COMMENT 'Queue or topic of Azure Service Bus.',
`queue_address` STRING   COMMENT 'Address of the SQS queue.',
`server_address` STRING   COMMENT 'Address of the RabbitMQ server.',
`is_tls` BOOLEAN   COMMENT 'Whether RabbitMQ uses TLS.',
`batch_size` BIGINT   COMMENT 'Rows that are collected before they are written (warehouses).',
`max_wait_seconds` BIGINT   COMMENT 'Seconds after which they are written all the same.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`destinations` IS 'Where Ampersand delivers to: webhooks, streams, buckets, warehouses. Addresses are kept without user, password and query, of a webhook only the host; headers and account names are not kept. Holds history: every distinct state ever seen stays. For what is there now use current_destinations. One row per destination and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`installations` (
`installation_key` STRING  NOT NULL COMMENT 'Digest of project and the installation\'s attributes and config.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`installation_id` STRING  NOT NULL COMMENT 'Id of it.',
`integration_id` STRING   COMMENT 'Id of the integration installed.',
`config_key` STRING   COMMENT 'Its config.',
`connection_id` STRING   COMMENT 'Id of the connection that it uses.',
`group_ref` STRING   COMMENT 'Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.',
`group_name` STRING   COMMENT 'Name of the customer. A hash of it where `personal_hash_key` is set.',
`health_status` STRING   COMMENT '`healthy` or `unhealthy`.',
`last_operation_status` STRING   COMMENT '`success`, `failure` or `in_progress`.',
`created_by` STRING   COMMENT 'Who installed it, as `consumer:<ref>`. A hash of it where `personal_hash_key` is set.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installations` IS 'Who installed which integration, and whether it works. Holds history: every distinct state ever seen stays. For what is there now use current_installations. One row per installation and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_configs` (
`config_key` STRING  NOT NULL COMMENT 'Digest of project, installation and config.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`installation_id` STRING  NOT NULL COMMENT 'Id of the installation.',
`config_id` STRING   COMMENT 'Id that the API gave it.',
`revision_id` STRING   COMMENT 'Revision that was the latest when it was saved, and that the installation stays on (`revisions.revision_id`).',
`provider` STRING   COMMENT 'Key of the provider.',
`proxy_enabled` BOOLEAN   COMMENT 'Whether the proxy is on.',
`created_by` STRING   COMMENT 'Who saved it, as `consumer:<ref>` or `builder:<id>`. A hash of it where `personal_hash_key` is set.',
`create_time` TIMESTAMP   COMMENT 'When it was created.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_configs` IS 'What a customer chose, and for which revision of the integration. Holds history: every distinct state ever seen stays. For what is there now use current_installations. One row per distinct config of an installation ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_objects` (
`config_object_key` STRING  NOT NULL COMMENT '`<config_key>:<action>:<object>`.',
`config_key` STRING  NOT NULL COMMENT 'The config that it is part of.',
`action` STRING  NOT NULL COMMENT '`read`, `write` or `subscribe`.',
`object_name` STRING   COMMENT 'Name of the object at the provider.',
`destination_name` STRING   COMMENT 'Destination that the customer\'s records go to (read, subscribe).',
`schedule` STRING   COMMENT 'Cron expression.',
`is_disabled` BOOLEAN   COMMENT 'Whether scheduled reads are paused.',
`selected_fields_auto` STRING   COMMENT '`all`: every field is read.',
`backfill_days` BIGINT   COMMENT 'Days that are read back; 0: none.',
`backfill_full_history` BOOLEAN   COMMENT 'Whether everything is read back.',
`deletion_enabled` BOOLEAN   COMMENT 'Whether records may be deleted.',
`inherits_fields_and_mappings` BOOLEAN   COMMENT 'Whether fields and mappings are those of the read object.',
`quota_optimization_enabled` BOOLEAN   COMMENT 'Whether changes that do not matter are dropped at the provider.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_objects` IS 'The objects that customers selected. Holds history: every distinct state ever seen stays. For what is there now use current_installation_objects. One row per object that a config has, for an action.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_fields` (
`config_field_key` STRING  NOT NULL COMMENT '`<config_object_key>:<purpose>:<name or position>`, of a field that is watched `<config_event_key>:watch:<position>`.',
`config_key` STRING  NOT NULL COMMENT 'The config that it is part of.',
`config_object_key` STRING  NOT NULL COMMENT 'The object entry that it is part of.',
`object_name` STRING   COMMENT 'From the object entry.',
`purpose` STRING  NOT NULL COMMENT '`selected`, `mapping`, `value_mapping` (its values are mapped), `dynamic_mapping` (a mapping that is offered), `write_setting`, `write_default` (its older form) or `watch`.',
`position` BIGINT   COMMENT 'Place in its list (dynamic_mapping, watch).',
`name` STRING   COMMENT 'What it is listed under: the field; for a mapping the name that it is mapped to.',
`field_name` STRING   COMMENT 'Field of the provider (mapping, dynamic_mapping, watch).',
`map_to_name` STRING   COMMENT 'Name under which it is delivered (mapping, dynamic_mapping).',
`map_to_display_name` STRING   COMMENT 'Label.',
`prompt` STRING   COMMENT 'Help text.',
`is_selected` BOOLEAN   COMMENT 'Whether it is read (selected).',
`write_on_create` STRING   COMMENT '`always` or `never`: whether the default is written to new records.',
`write_on_update` STRING   COMMENT '`always`, `never` or `ifEmpty`: whether it is written to changed ones.',
`has_default` BOOLEAN   COMMENT 'Whether there is a default; its value is not kept.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_fields` IS 'The fields that customers selected, mapped, watch or write by default. Holds history: every distinct state ever seen stays. For what is there now use current_installation_fields. One row per field that a config names, for a purpose.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_value_mappings` (
`value_mapping_key` STRING  NOT NULL COMMENT '`<config_field_key>:value:<name or position>`.',
`config_key` STRING  NOT NULL COMMENT 'The config that it is part of.',
`config_object_key` STRING  NOT NULL COMMENT 'The object entry that it is part of.',
`config_field_key` STRING  NOT NULL COMMENT 'The field entry that it is part of.',
`object_name` STRING   COMMENT 'From the object entry.',
`field_name` STRING   COMMENT 'What the field is listed under; NULL: offered.',
`position` BIGINT   COMMENT 'Place in its list (offered).',
`delivered_value` STRING   COMMENT 'Value that is delivered.',
`provider_value` STRING   COMMENT 'Value at the provider.',
`mapped_value` STRING   COMMENT 'Value that can be mapped.',
`mapped_display_value` STRING   COMMENT 'What the customer sees of it.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_value_mappings` IS 'How values of the customer\'s fields are translated. Holds history: every distinct state ever seen stays. For what is there now use current_installations. One row per value of a field that a config maps, or offers to map.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_filters` (
`config_filter_key` STRING  NOT NULL COMMENT '`<config_object_key>:<scope>_filter:<position>`.',
`config_key` STRING  NOT NULL COMMENT 'The config that it is part of.',
`config_object_key` STRING  NOT NULL COMMENT 'The object entry that it is part of.',
`object_name` STRING   COMMENT 'From the object entry.',
`scope` STRING  NOT NULL COMMENT '`read`, or `backfill` for that alone.',
`position` BIGINT  NOT NULL COMMENT 'Place in the list, from 0.',
`field_name` STRING   COMMENT 'Field that is compared.',
`operator` STRING   COMMENT 'How it is compared, such as `eq`.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_filters` IS 'Which records are read at all. The value that is compared with is not kept. Holds history: every distinct state ever seen stays. For what is there now use current_installations. One row per filter that a config has for reading an object.';

CREATE TABLE `warehouse`.`ampersand_data`.`installation_events` (
`config_event_key` STRING  NOT NULL COMMENT '`<config_object_key>:<event_type>`, with `:<position>` for others.',
`config_key` STRING  NOT NULL COMMENT 'The config that it is part of.',
`config_object_key` STRING  NOT NULL COMMENT 'The object entry that it is part of.',
`object_name` STRING   COMMENT 'From the object entry.',
`event_type` STRING  NOT NULL COMMENT '`create`, `update`, `delete` or `other`.',
`position` BIGINT   COMMENT 'Place in `otherEvents`, from 0 (other).',
`event_name` STRING   COMMENT 'Name at the provider (other).',
`enabled` STRING   COMMENT '`always` or `never`.',
`watch_fields_auto` STRING   COMMENT '`all` fields are watched.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`installation_events` IS 'The events that customers\' records send. Holds history: every distinct state ever seen stays. For what is there now use current_installations. One row per event that a config subscribes to, or could.';

CREATE TABLE `warehouse`.`ampersand_data`.`connections` (
`connection_key` STRING  NOT NULL COMMENT 'Digest of project and the connection\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`connection_id` STRING  NOT NULL COMMENT 'Id of the connection.',
`provider` STRING   COMMENT 'Key of the provider.',
`provider_app_id` STRING   COMMENT 'Id of the provider app.',
`auth_scheme` STRING   COMMENT 'Such as `oauth2/authorizationCode`.',
`status` STRING   COMMENT '`created`, `working` or `bad_credentials`.',
`scopes` STRING   COMMENT 'JSON list of the scopes granted.',
`group_ref` STRING   COMMENT 'Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.',
`group_name` STRING   COMMENT 'Name of the customer. A hash of it where `personal_hash_key` is set.',
`consumer_ref` STRING   COMMENT 'Person: id that the builder gave. A hash of it where `personal_hash_key` is set.',
`consumer_name` STRING   COMMENT 'Name of the person. A hash of it where `personal_hash_key` is set.',
`provider_workspace_ref` STRING   COMMENT 'Workspace at the provider, such as a subdomain. A hash of it where `personal_hash_key` is set.',
`provider_consumer_ref` STRING   COMMENT 'Person\'s id at the provider. A hash of it where `personal_hash_key` is set.',
`create_time` TIMESTAMP   COMMENT 'When it was created.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`connections` IS 'How customers\' systems are reached, and whether that works. Keys, tokens and what a provider calls metadata are not kept, nor is `updateTime`, which changes whenever a token is refreshed. Holds history: every distinct state ever seen stays. For what is there now use current_connections. One row per connection and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`providers` (
`provider_key` STRING  NOT NULL COMMENT 'Digest of the provider\'s attributes.',
`provider` STRING  NOT NULL COMMENT 'Key of the provider.',
`display_name` STRING   COMMENT 'Name for people.',
`auth_type` STRING   COMMENT 'How one signs in.',
`base_url` STRING   COMMENT 'Address of its API.',
`default_module` STRING   COMMENT 'Module that counts where a manifest names none.',
`post_auth_info_needed` BOOLEAN   COMMENT 'Whether more has to be known after signing in.',
`supports_read` BOOLEAN   COMMENT 'Whether records can be read.',
`supports_write` BOOLEAN   COMMENT 'Whether records can be written.',
`supports_subscribe` BOOLEAN   COMMENT 'Whether there are events.',
`supports_proxy` BOOLEAN   COMMENT 'Whether there is a proxy.',
`supports_delete` BOOLEAN   COMMENT 'Whether records can be deleted.',
`supports_search` BOOLEAN   COMMENT 'Whether records can be searched for.',
`supports_bulk_insert` BOOLEAN   COMMENT 'Whether many can be inserted at once.',
`supports_bulk_update` BOOLEAN   COMMENT 'Whether many can be updated at once.',
`supports_bulk_upsert` BOOLEAN   COMMENT 'Whether many can be upserted at once.',
`supports_bulk_delete` BOOLEAN   COMMENT 'Whether many can be deleted at once.',
`supports_create_events` BOOLEAN   COMMENT 'Whether new records send events.',
`supports_update_events` BOOLEAN   COMMENT 'Whether changed records send events.',
`supports_delete_events` BOOLEAN   COMMENT 'Whether deleted records send events.',
`supports_other_events` BOOLEAN   COMMENT 'Whether others are passed on.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`providers` IS 'What Ampersand\'s catalog says that a provider can do. The same for all projects. Holds history: every distinct state ever seen stays. For what is there now use current_providers. One row per provider and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`provider_modules` (
`provider_module_key` STRING  NOT NULL COMMENT '`<provider_key>:module:<module>`.',
`provider_key` STRING  NOT NULL COMMENT 'The provider that it is part of.',
`module` STRING   COMMENT 'Key of the module.',
`display_name` STRING   COMMENT 'Name for people.',
`base_url` STRING   COMMENT 'Address of its API.',
`supports_read` BOOLEAN   COMMENT 'Whether records can be read.',
`supports_write` BOOLEAN   COMMENT 'Whether records can be written.',
`supports_subscribe` BOOLEAN   COMMENT 'Whether there are events.',
`supports_proxy` BOOLEAN   COMMENT 'Whether there is a proxy.',
`supports_delete` BOOLEAN   COMMENT 'Whether records can be deleted.',
`supports_search` BOOLEAN   COMMENT 'Whether records can be searched for.',
`supports_bulk_insert` BOOLEAN   COMMENT 'Whether many can be inserted at once.',
`supports_bulk_update` BOOLEAN   COMMENT 'Whether many can be updated at once.',
`supports_bulk_upsert` BOOLEAN   COMMENT 'Whether many can be upserted at once.',
`supports_bulk_delete` BOOLEAN   COMMENT 'Whether many can be deleted at once.',
`supports_create_events` BOOLEAN   COMMENT 'Whether new records send events.',
`supports_update_events` BOOLEAN   COMMENT 'Whether changed records send events.',
`supports_delete_events` BOOLEAN   COMMENT 'Whether deleted records send events.',
`supports_other_events` BOOLEAN   COMMENT 'Whether others are passed on.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`provider_modules` IS 'What one module of a provider can do. Holds history: every distinct state ever seen stays. For what is there now use current_provider_modules. One row per module of a provider.';

CREATE TABLE `warehouse`.`ampersand_data`.`provider_apps` (
`provider_app_key` STRING  NOT NULL COMMENT 'Digest of project and the app\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`provider_app_id` STRING  NOT NULL COMMENT 'Id of the app.',
`provider` STRING   COMMENT 'Key of the provider.',
`external_ref` STRING   COMMENT 'Id that the provider gave the app.',
`client_id` STRING   COMMENT 'OAuth client id, which is public.',
`scopes` STRING   COMMENT 'JSON list of the scopes that it asks for.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`provider_apps` IS 'The builder\'s own apps at the providers. Client secrets and parameters are not kept. Holds history: every distinct state ever seen stays. For what is there now use current_provider_apps. One row per provider app and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`topics` (
`topic_key` STRING  NOT NULL COMMENT 'Digest of project and the topic\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`topic_id` STRING  NOT NULL COMMENT 'Id of the topic.',
`name` STRING   COMMENT 'Name of the topic.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`topics` IS 'What Ampersand\'s notifications are sorted by. Holds history: every distinct state ever seen stays. For what is there now use current_notification_routes. One row per topic and distinct set of its attributes ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`topic_event_routes` (
`topic_event_route_key` STRING  NOT NULL COMMENT 'Digest of project and the route\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`route_id` STRING  NOT NULL COMMENT 'Id of the route.',
`event_type` STRING   COMMENT 'Such as `connection.error`.',
`topic_id` STRING   COMMENT 'Id of the topic.',
`create_time` TIMESTAMP   COMMENT 'When it was created.',
`update_time` TIMESTAMP   COMMENT 'When it last changed.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`topic_event_routes` IS 'Which notifications go to which topic. Holds history: every distinct state ever seen stays. For what is there now use current_notification_routes. One row per route from an event to a topic.';

CREATE TABLE `warehouse`.`ampersand_data`.`topic_destination_routes` (
`topic_destination_route_key` STRING  NOT NULL COMMENT 'Digest of project and the route\'s attributes.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`route_id` STRING  NOT NULL COMMENT 'Id of the route.',
`topic_id` STRING   COMMENT 'Id of the topic.',
`destination_id` STRING   COMMENT 'Id of it.',
`create_time` TIMESTAMP   COMMENT 'When it was created.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`topic_destination_routes` IS 'Which topic is delivered to which destination. Holds history: every distinct state ever seen stays. For what is there now use current_notification_routes. One row per route from a topic to a destination.';

CREATE TABLE `warehouse`.`ampersand_data`.`operations` (
`operation_key` STRING  NOT NULL COMMENT 'Digest of project and the operation\'s state.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project.',
`operation_id` STRING  NOT NULL COMMENT 'Id of the operation.',
`run_id` STRING  NOT NULL COMMENT 'The run that saw it in this state.',
`integration_id` STRING   COMMENT 'Id of the integration.',
`installation_id` STRING   COMMENT 'Id of the installation.',
`config_id` STRING   COMMENT 'Id of the config that it ran with.',
`action_type` STRING   COMMENT '`read`, `write` or `subscribe`.',
`status` STRING   COMMENT '`success`, `failure` or `in_progress`.',
`result` STRING   COMMENT 'What came of it, in words.',
`object_names` STRING   COMMENT 'JSON list of the objects.',
`retry_attempts` BIGINT   COMMENT 'Attempts so far.',
`records_processed` BIGINT   COMMENT 'Records read so far.',
`records_estimated_total` BIGINT   COMMENT 'Records that there are, where the provider tells.',
`create_time` TIMESTAMP   COMMENT 'When it was created.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`operations` IS 'What ran for an installation, and what came of it. Only what is new is read. Ids of customers\' records are not kept. Holds history: every distinct state ever seen stays. For what is there now use current_operations. One row per operation and distinct state of it ever seen.';

CREATE TABLE `warehouse`.`ampersand_data`.`collection_entries` (
`listing_key` STRING  NOT NULL COMMENT 'Digest of what the listing holds.',
`entry_id` STRING  NOT NULL COMMENT 'Id of the entry.',
`collection` STRING  NOT NULL COMMENT 'Table that has the entry.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project; empty for what is the same for all.',
`entry_key` STRING  NOT NULL COMMENT 'Key of the entry in that table.');

COMMENT ON TABLE `warehouse`.`ampersand_data`.`collection_entries` IS 'Which destinations, installations, connections and so on there were in each distinct answer of the API. Holds history: every distinct state ever seen stays. For what is there now use current_collections. One row per entry of a distinct listing of a collection.';

CREATE TABLE `warehouse`.`ampersand_data`.`collection_listings` (
`run_id` STRING  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
`collection` STRING  NOT NULL COMMENT 'Table that has the entries.',
`project_id` STRING  NOT NULL COMMENT 'Id of the Ampersand project; empty for what is the same for all.',
`credential` STRING  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
`outcome` STRING  NOT NULL COMMENT '`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `failed`: nothing is known.',
`listing_key` STRING   COMMENT 'The listing, when one was had; NULL for operations, of which only the new are read.',
`entries` BIGINT   COMMENT 'Number of entries; of operations, of those that were read.',
`requests` BIGINT   COMMENT 'HTTP requests sent for it.',
`bytes` BIGINT   COMMENT 'Bytes of the answers, after decompression.',
`seconds` DOUBLE   COMMENT 'Time that the requests took, in seconds.',
`error` STRING   COMMENT 'What went wrong, when it failed.',
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

COMMENT ON TABLE `warehouse`.`ampersand_data`.`collection_listings` IS 'The ledger\'s listings of all that is no integration: what came of the destinations, installations, connections and so on of each project in each run. The listing of the latest run that counts and did not fail is what is current. One row per collection of a project in a run.';


CREATE TABLE `warehouse`.`ampersand_data`.`projects` (
`project_key` STRING  NOT NULL OPTIONS (description='Digest of the project\'s record.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`name` STRING   OPTIONS (description='Unique name of the project.'),
`app_name` STRING   OPTIONS (description='Name that customers see when connecting.'),
`org_id` STRING   OPTIONS (description='Id of the owning organisation.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'),
`other_properties` STRING   OPTIONS (description='JSON object of what no other column holds.'));

CREATE TABLE `warehouse`.`ampersand_data`.`listing_integrations` (
`listing_key` STRING  NOT NULL OPTIONS (description='Digest of the project\'s record and of the bytes of its listing.'),
`integration_id` STRING  NOT NULL OPTIONS (description='Id of the integration; stable across revisions and renames.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`revision_key` STRING   OPTIONS (description='Its latest revision at that time; NULL when it had none.'),
`name` STRING   OPTIONS (description='Name of the integration, unique in the project.'),
`provider` STRING   OPTIONS (description='Key of the provider in Ampersand\'s catalog.'),
`create_time` TIMESTAMP   OPTIONS (description='When the integration was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it was last deployed or changed.'),
`other_properties` STRING   OPTIONS (description='JSON object of what no other column holds.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revisions` (
`revision_key` STRING  NOT NULL OPTIONS (description='Digest of project id, integration id and the revision as received.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`integration_id` STRING  NOT NULL OPTIONS (description='Id of the integration; stable across revisions and renames.'),
`revision_id` STRING   OPTIONS (description='Id that the API gave the revision.'),
`spec_version` STRING   OPTIONS (description='Version of the manifest\'s format.'),
`create_time` TIMESTAMP   OPTIONS (description='When the revision was deployed.'),
`content_name` STRING   OPTIONS (description='Name inside the manifest; repeats the integration\'s.'),
`content_provider` STRING   OPTIONS (description='Provider inside the manifest; repeats the integration\'s.'),
`display_name` STRING   OPTIONS (description='Label for people.'),
`module` STRING   OPTIONS (description='Module of the provider, where it has several.'),
`has_read` BOOL   OPTIONS (description='Whether it has a block `read`, be it empty.'),
`has_write` BOOL   OPTIONS (description='Whether it has a block `write`, be it empty.'),
`has_subscribe` BOOL   OPTIONS (description='Whether it has a block `subscribe`, be it empty.'),
`has_proxy` BOOL   OPTIONS (description='Whether it has a block `proxy`, be it empty.'),
`proxy_enabled` BOOL   OPTIONS (description='Whether calls may be passed through; NULL counts as false.'),
`proxy_use_module` BOOL   OPTIONS (description='Whether the proxy\'s base address is the module\'s; NULL counts as false.'),
`watch_schema_destination_name` STRING   OPTIONS (description='Name of the Ampersand destination told of changes in customers\' schemas.'),
`watch_schema_schedule` STRING   OPTIONS (description='Cron expression of the checks for such changes.'),
`watch_schema_min_interval_minutes` INT64   OPTIONS (description='Shortest time between two such checks, in minutes; NULL: no schedule, or unreadable.'),
`content_hash` STRING   OPTIONS (description='SHA-256 of the content in canonical form; equal for equal manifests in any project.'),
`content` STRING   OPTIONS (description='The whole manifest as JSON text in ASCII.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_objects` (
`object_key` STRING  NOT NULL OPTIONS (description='`<revision_key>:<action>:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`action` STRING   OPTIONS (description='`read`, `write`, `subscribe`, or the name of an action that the model does not know.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider.'),
`map_to_name` STRING   OPTIONS (description='Name under which it is delivered, when mapped (read).'),
`map_to_display_name` STRING   OPTIONS (description='Label of the mapped object (read).'),
`destination_name` STRING   OPTIONS (description='Name of the Ampersand destination that receives it (read, subscribe).'),
`schedule` STRING   OPTIONS (description='Cron expression of the scheduled reads; NULL: read on demand only (read).'),
`schedule_runs_per_day` FLOAT64   OPTIONS (description='Scheduled reads per day, averaged over 28 years; NULL: no schedule, or unreadable.'),
`schedule_min_interval_minutes` INT64   OPTIONS (description='Shortest time between two scheduled reads, in minutes.'),
`enabled` STRING   OPTIONS (description='`always`: read for every installation, even if not selected (read).'),
`optional_fields_auto` STRING   OPTIONS (description='`all`: customers may pick any field (read).'),
`has_backfill` BOOL   OPTIONS (description='Whether it has a block `backfill`, be it empty (read).'),
`backfill_days` INT64   OPTIONS (description='Days of history read at first; 0: none (read).'),
`backfill_full_history` BOOL   OPTIONS (description='Whether all history is read at first (read).'),
`delivery_mode` STRING   OPTIONS (description='`auto` or `onRequest`; NULL counts as `auto` (read).'),
`delivery_page_size` INT64   OPTIONS (description='Records per delivery with `onRequest` (read).'),
`inherits_mapping` BOOL   OPTIONS (description='Whether mapping (write) or fields and mapping (subscribe) are those of the read object of the same name; NULL counts as false.'),
`allow_any_value_defaults` BOOL   OPTIONS (description='Whether customers may set default values for any field (write).'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_fields` (
`field_key` STRING  NOT NULL OPTIONS (description='`<object_key>:required|optional:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider, from the object entry.'),
`is_required` BOOL  NOT NULL OPTIONS (description='Whether every customer\'s field is read, without opting out.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`field_name` STRING   OPTIONS (description='Name of the field at the provider, or a JSONPath; NULL: the customer chooses it.'),
`map_to_name` STRING   OPTIONS (description='Name under which it is delivered, when mapped.'),
`map_to_display_name` STRING   OPTIONS (description='Label of the mapped field.'),
`default_field_name` STRING   OPTIONS (description='Field of the provider that is suggested to the customer.'),
`prompt` STRING   OPTIONS (description='Help text shown to the customer.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_subscribe_events` (
`event_key` STRING  NOT NULL OPTIONS (description='`<object_key>:<event_type>`, with `:<position>` for others.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider, from the object entry.'),
`destination_name` STRING   OPTIONS (description='Ampersand destination, from the object entry.'),
`event_type` STRING  NOT NULL OPTIONS (description='`create`, `update`, `delete`, `association_change` or `other`.'),
`event_name` STRING   OPTIONS (description='Name that the provider gives the event (other).'),
`position` INT64   OPTIONS (description='Place in `otherEvents`, from 0 (other).'),
`enabled` STRING   OPTIONS (description='`always`: on. NULL: the block only describes the event.'),
`watch_fields_auto` STRING   OPTIONS (description='`all` or `selected` fields are watched (update).'),
`include_full_records` BOOL   OPTIONS (description='Whether whole records are delivered (association_change).'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_watch_fields` (
`watch_field_key` STRING  NOT NULL OPTIONS (description='`<event_key>:watch:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`event_key` STRING  NOT NULL OPTIONS (description='The event that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`watch_field` STRING   OPTIONS (description='Name of a field of the read object, or the name that it is mapped to.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_schema_watch_events` (
`schema_watch_event_key` STRING  NOT NULL OPTIONS (description='`<revision_key>:watch_schema:<scope>:<event_type>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`scope` STRING  NOT NULL OPTIONS (description='`all_objects`.'),
`event_type` STRING  NOT NULL OPTIONS (description='`field_created`, `field_deleted` or `field_changed`.'),
`enabled` STRING   OPTIONS (description='`always`: on.'),
`destination_name` STRING   OPTIONS (description='Ampersand destination, from `watchSchema`.'),
`schedule` STRING   OPTIONS (description='Cron expression, from `watchSchema`.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_unmapped_properties` (
`unmapped_property_key` STRING  NOT NULL OPTIONS (description='`<revision_key or listing_key>:unmapped:<digest of the path>`.'),
`revision_key` STRING   OPTIONS (description='The revision content that it is part of; NULL: outside one.'),
`listing_key` STRING   OPTIONS (description='The listing that it is part of; NULL: inside a revision.'),
`json_path` STRING  NOT NULL OPTIONS (description='Where it was: from the integration inside a revision, from the listing outside one, from the project where `parent_table` is `projects`.'),
`property_name` STRING   OPTIONS (description='Last name in the path; NULL for an entry of a list.'),
`value` STRING   OPTIONS (description='The value as JSON text in ASCII, as received.'),
`reason` STRING  NOT NULL OPTIONS (description='`unknown_property`, `wrong_type`, `not_an_object`, `not_text`, `unreadable`, `out_of_range`, `timestamp_precision`, `zero_time`, `duplicate_key`, `differs`, `no_id` or `duplicate_id`.'),
`parent_table` STRING   OPTIONS (description='Table of the row that the value is part of.'),
`parent_key` STRING   OPTIONS (description='Key of that row; parts of a compound key joined by `:`.'));

CREATE TABLE `warehouse`.`ampersand_data`.`extraction_runs` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`scope` STRING  NOT NULL OPTIONS (description='`all`, `rebuild`, or a JSON list of the projects that the run was limited to.'),
`selection` STRING   OPTIONS (description='Tables that were written, separated by blanks.'),
`started_at` TIMESTAMP  NOT NULL OPTIONS (description='When it began.'),
`model_version` INT64  NOT NULL OPTIONS (description='Version of the normalisation that made the rows.'),
`versions` STRING   OPTIONS (description='JSON object: versions of the software that ran.'),
`requests` INT64   OPTIONS (description='HTTP requests sent.'),
`bytes` INT64   OPTIONS (description='Bytes of answers received, after decompression.'),
`counts` STRING   OPTIONS (description='JSON object: rows per table.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

CREATE TABLE `warehouse`.`ampersand_data`.`credential_listings` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`credential` STRING  NOT NULL OPTIONS (description='Fingerprint of the API key that was used; says nothing about the key itself.'),
`outcome` STRING  NOT NULL OPTIONS (description='`listed` or `failed`.'),
`asks_for_all` BOOL  NOT NULL OPTIONS (description='Whether all that the key can see was asked for, so that a project that it listed before and does not list now is gone.'),
`projects` INT64   OPTIONS (description='Number of projects that it lists.'),
`unreadable` STRING   OPTIONS (description='JSON list of entries that are no projects.'),
`error` STRING   OPTIONS (description='What went wrong, when it failed.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

CREATE TABLE `warehouse`.`ampersand_data`.`project_listings` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project; the name asked for when its id is not known.'),
`credential` STRING  NOT NULL OPTIONS (description='Fingerprint of the API key that was used; says nothing about the key itself.'),
`outcome` STRING  NOT NULL OPTIONS (description='`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `not_found`: the API knows no such project. `failed`: nothing is known.'),
`project_key` STRING   OPTIONS (description='The project\'s record in this run, when one was had.'),
`listing_key` STRING   OPTIONS (description='The listing, when one was had.'),
`integrations` INT64   OPTIONS (description='Number of integrations in the listing.'),
`requests` INT64   OPTIONS (description='HTTP requests sent for the listing.'),
`bytes` INT64   OPTIONS (description='Bytes of the listing, after decompression.'),
`seconds` FLOAT64   OPTIONS (description='Time that the requests took, in seconds.'),
`error` STRING   OPTIONS (description='What went wrong, when it failed.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);


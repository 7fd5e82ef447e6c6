"""The tables beside the integrations: destinations, installations, connections and the rest.

They are declared like those of `tables.py`, with one difference: the answers that they are made of
hold secrets. So a column is an entry of an allow-list, and what no column reads is dropped at the
door (`admission.py`), before anything is made of it. Of an unknown property only the name is kept.

Property names and meanings are those of the vendor's published OpenAPI files (`api.yaml`:
`Destination`, `Installation`, `Connection`, `ProviderApp`, `Operation`, `Topic` and the routes;
`config.yaml`: everything below an installation's `config.content`; `catalog.yaml`: `ProviderInfo`).
"""

from dataclasses import dataclass

from .declaration import (
    PROJECT_ID,
    ChildKey,
    Column,
    ColumnType,
    Constant,
    Example,
    Given,
    Inherited,
    Path,
    Position,
    Present,
    RowKey,
    Rows,
    Table,
    TextRule,
)


@dataclass(frozen=True)
class Collection:
    """A list that the API has, beside that of the integrations.

    Attributes:
        name: Its name: that of the table which has its entries.
        kind: Kind of row that an entry becomes.
        path: Its path below the API's root; `{project}` is the id of a project.
        is_map: Whether the answer is an object with the entries by name, and not a list.
        identifier: Property of an entry that tells entries apart.
    """

    name: str
    kind: str
    path: str
    is_map: bool = False
    identifier: str = "id"

    @property
    def is_global(self) -> bool:
        """Whether it is the same for all projects."""
        return "{project}" not in self.path


def _column(
    name: str,
    path: str,
    kind: str,
    description: str,
    type: ColumnType = "text",  # noqa: A002, as in Column
    *,
    text: TextRule = "as_is",
    is_personal: bool = False,
    nullable: bool = True,
    references: str | None = None,
) -> Column:
    return Column(
        name,
        type,
        description,
        Path({kind: path}),
        nullable=nullable,
        text=text,
        is_personal=is_personal,
        references=references,
    )


def _key(name: str, of: str) -> Column:
    return Column(name, "text", f"Digest of project and {of}.", RowKey(), nullable=False)


def _parent(name: str, description: str, table: str) -> Column:
    return Column(
        name, "text", description, Inherited(name), nullable=False, references=f"{table}.{name}"
    )


def _times(kind: str, *, is_updated: bool = True) -> tuple[Column, ...]:
    created = _column("create_time", "createTime", kind, "When it was created.", "timestamp")
    updated = _column("update_time", "updateTime", kind, "When it last changed.", "timestamp")
    return (created, updated) if is_updated else (created,)


def _below(path: str, *names: str) -> tuple[str, ...]:
    """Paths of properties of the object at a path."""
    return tuple(f"{path}.{name}" for name in names)


def _of_project(*paths: str) -> dict[str, str]:
    """Properties that repeat the project that was asked."""
    return dict.fromkeys(paths, "project_id")


_PROJECT = Column("project_id", "text", PROJECT_ID, Given(), nullable=False)
_HISTORY = "Holds history: every distinct state ever seen stays. For what is there now use {view}."
_PERSONAL = " A hash of it where `personal_hash_key` is set."

DESTINATIONS = Table(
    name="destinations",
    grain="destination and distinct set of its attributes ever seen",
    description="Where Ampersand delivers to: webhooks, streams, buckets, warehouses. Addresses "
    "are kept without user, password and query, of a webhook only the host; headers and "
    "account names are not kept. " + _HISTORY.format(view="current_destinations"),
    example=Example(
        "Which hosts does customer data go to?",
        "Security, for the list of processors.",
        """
        SELECT destination_type, name,
            COALESCE(url_host, server_address, queue_address, bucket) AS goes_to
        FROM destinations
        ORDER BY destination_type, name, destination_key
        """,
    ),
    key=("destination_key",),
    columns=(
        _key("destination_key", "the destination's attributes"),
        _PROJECT,
        _column("destination_id", "id", "destination", "Id of the destination.", nullable=False),
        _column(
            "name",
            "name",
            "destination",
            "Name that manifests refer to (`destination_name`); unique in the project.",
        ),
        _column("destination_type", "type", "destination", "`webhook`, `kinesis`, `s3` and so on."),
        _column("url_host", "metadata.url", "destination", "Host of the webhook.", text="host"),
        Column(
            "has_headers",
            "bool",
            "Whether requests to the webhook carry headers of their own.",
            Present({"destination": "metadata.headers"}),
        ),
        *(
            _column(name, f"metadata.{path}", "destination", description)
            for name, path, description in (
                ("region", "region", "AWS region."),
                ("stream_name", "streamName", "Kinesis stream."),
                ("partition_key_template", "partitionKeyTemplate", "How partition keys are made."),
                ("bucket", "bucket", "S3 bucket."),
                ("key_template", "keyTemplate", "How keys of S3 objects are made."),
                ("storage_class", "storageClass", "Storage class of S3 objects."),
                ("container", "container", "Container of Azure Blob Storage."),
                ("database_name", "dbName", "Database (snowflake, redshift)."),
                ("clickhouse_database", "database", "Database (clickhouse)."),
                ("schema_name", "schemaName", "Schema (snowflake, redshift)."),
                ("table_name", "tableName", "Table (clickhouse, snowflake, redshift)."),
                ("gcp_project_id", "projectId", "Google Cloud project (bigquery, pubsub)."),
                ("bigquery_dataset", "datasetId", "BigQuery dataset."),
                ("bigquery_table", "tableId", "BigQuery table."),
                ("redshift_workgroup", "workgroupName", "Redshift Serverless workgroup."),
                ("redshift_cluster", "clusterIdentifier", "Redshift cluster."),
                ("pubsub_topic", "topicId", "Pub/Sub topic."),
                ("exchange", "exchange", "RabbitMQ exchange."),
                ("queue_name", "name", "Queue or topic of Azure Service Bus."),
            )
        ),
        _column(
            "queue_address",
            "metadata.queueUrl",
            "destination",
            "Address of the SQS queue.",
            text="address",
        ),
        _column(
            "server_address",
            "metadata.serverUrl",
            "destination",
            "Address of the RabbitMQ server.",
            text="address",
        ),
        _column("is_tls", "metadata.tls", "destination", "Whether RabbitMQ uses TLS.", "bool"),
        _column(
            "batch_size",
            "metadata.batchSize",
            "destination",
            "Rows that are collected before they are written (warehouses).",
            "bigint",
        ),
        _column(
            "max_wait_seconds",
            "metadata.maxWaitSecs",
            "destination",
            "Seconds after which they are written all the same.",
            "bigint",
        ),
        *_times("destination"),
    ),
    rows=(
        Rows(
            "destination",
            key="{digest}",
            left_out=(
                "secrets",
                *_below(
                    "metadata",
                    "account",
                    "accountIdentifier",
                    "dbUser",
                    "headers",
                    "userId",
                    "username",
                    "svixAppId",
                    "svixEndpointId",
                ),
            ),
        ),
    ),
)

_CONFIG_KEY = _parent("config_key", "The config that it is part of.", "installation_configs")
_CONFIG_OBJECT_KEY = _parent(
    "config_object_key", "The object entry that it is part of.", "installation_objects"
)
_ACTIONS = ("read", "write", "subscribe")

INSTALLATIONS = Table(
    name="installations",
    grain="installation and distinct set of its attributes ever seen",
    description="Who installed which integration, and whether it works. "
    + _HISTORY.format(view="current_installations"),
    example=Example(
        "When did an installation become unhealthy?",
        "Support, before calling the customer.",
        """
        SELECT installation_id, group_name, health_status, last_operation_status
        FROM installations
        WHERE health_status = 'unhealthy'
        ORDER BY installation_id, installation_key
        """,
    ),
    key=("installation_key",),
    columns=(
        _key("installation_key", "the installation's attributes and config"),
        _PROJECT,
        _column("installation_id", "id", "installation", "Id of it.", nullable=False),
        _column(
            "integration_id", "integrationId", "installation", "Id of the integration installed."
        ),
        Column(
            "config_key",
            "text",
            "Its config.",
            ChildKey("installation_config"),
            references="installation_configs.config_key",
        ),
        _column(
            "connection_id", "connection.id", "installation", "Id of the connection that it uses."
        ),
        _column(
            "group_ref",
            "group.groupRef",
            "installation",
            "Customer: id that the builder gave the group." + _PERSONAL,
            is_personal=True,
        ),
        _column(
            "group_name",
            "group.groupName",
            "installation",
            "Name of the customer." + _PERSONAL,
            is_personal=True,
        ),
        _column("health_status", "healthStatus", "installation", "`healthy` or `unhealthy`."),
        _column(
            "last_operation_status",
            "lastOperationStatus",
            "installation",
            "`success`, `failure` or `in_progress`.",
        ),
        _column(
            "created_by",
            "createdBy",
            "installation",
            "Who installed it, as `consumer:<ref>`." + _PERSONAL,
            is_personal=True,
        ),
        *_times("installation"),
    ),
    rows=(
        Rows(
            "installation",
            key="{digest}",
            echoes=_of_project("projectId"),
            left_out=(
                "group.projectId",
                "group.createTime",
                "group.updateTime",
                # connections have rows of their own; what is embedded here carries credentials
                *_below(
                    "connection",
                    "projectId",
                    "provider",
                    "providerApp",
                    "group",
                    "consumer",
                    "providerWorkspaceRef",
                    "providerConsumerRef",
                    "createTime",
                    "updateTime",
                    "authScheme",
                    "status",
                    "oauth2AuthorizationCode",
                    "apiKey",
                    "providerMetadata",
                    "catalogVars",
                ),
            ),
        ),
    ),
)

INSTALLATION_CONFIGS = Table(
    name="installation_configs",
    grain="distinct config of an installation ever seen",
    description="What a customer chose, and for which revision of the integration. "
    + _HISTORY.format(view="current_installations"),
    example=Example(
        "How often did customers change what they chose?",
        "Product, to see whether the first choice was a good one.",
        """
        SELECT installation_id, COUNT(*) AS configs, MAX(create_time) AS last_changed
        FROM installation_configs
        GROUP BY installation_id
        ORDER BY configs DESC, installation_id
        """,
    ),
    key=("config_key",),
    columns=(
        Column(
            "config_key",
            "text",
            "Digest of project, installation and config.",
            RowKey(),
            nullable=False,
        ),
        Column(
            "project_id",
            "text",
            PROJECT_ID,
            Inherited("project_id"),
            nullable=False,
        ),
        Column(
            "installation_id",
            "text",
            "Id of the installation.",
            Inherited("installation_id"),
            nullable=False,
        ),
        _column("config_id", "id", "installation_config", "Id that the API gave it."),
        _column(
            "revision_id",
            "revisionId",
            "installation_config",
            "Revision that was the latest when it was saved, and that the installation stays on "
            "(`revisions.revision_id`).",
        ),
        _column("provider", "content.provider", "installation_config", "Key of the provider."),
        _column(
            "proxy_enabled",
            "content.proxy.enabled",
            "installation_config",
            "Whether the proxy is on.",
            "bool",
        ),
        _column(
            "created_by",
            "createdBy",
            "installation_config",
            "Who saved it, as `consumer:<ref>` or `builder:<id>`." + _PERSONAL,
            is_personal=True,
        ),
        *_times("installation_config", is_updated=False),
    ),
    rows=(Rows("installation_config", "installation", "config", key="{digest}"),),
)

INSTALLATION_OBJECTS = Table(
    name="installation_objects",
    grain="object that a config has, for an action",
    description="The objects that customers selected. "
    + _HISTORY.format(view="current_installation_objects"),
    example=Example(
        "Which objects were ever selected, and how often?",
        "Product, before an object is dropped from a manifest.",
        """
        SELECT action, object_name, COUNT(DISTINCT config_key) AS configs
        FROM installation_objects
        GROUP BY action, object_name
        ORDER BY configs DESC, action, object_name
        """,
    ),
    key=("config_object_key",),
    columns=(
        Column(
            "config_object_key",
            "text",
            "`<config_key>:<action>:<object>`.",
            RowKey(),
            nullable=False,
        ),
        _CONFIG_KEY,
        Column("action", "text", "`read`, `write` or `subscribe`.", Constant(), nullable=False),
        Column("object_name", "text", "Name of the object at the provider.", Constant()),
        Column(
            "destination_name",
            "text",
            "Destination that the customer's records go to (read, subscribe).",
            Path({"config_read": "destination", "config_subscribe": "destination"}),
            text="empty_is_unset",
        ),
        _column("schedule", "schedule", "config_read", "Cron expression.", text="empty_is_unset"),
        _column(
            "is_disabled", "disabled", "config_read", "Whether scheduled reads are paused.", "bool"
        ),
        _column(
            "selected_fields_auto",
            "selectedFieldsAuto",
            "config_read",
            "`all`: every field is read.",
        ),
        _column(
            "backfill_days",
            "backfill.defaultPeriod.days",
            "config_read",
            "Days that are read back; 0: none.",
            "bigint",
        ),
        _column(
            "backfill_full_history",
            "backfill.defaultPeriod.fullHistory",
            "config_read",
            "Whether everything is read back.",
            "bool",
        ),
        _column(
            "deletion_enabled",
            "deletionSettings.enabled",
            "config_write",
            "Whether records may be deleted.",
            "bool",
        ),
        _column(
            "inherits_fields_and_mappings",
            "inheritFieldsAndMappings",
            "config_subscribe",
            "Whether fields and mappings are those of the read object.",
            "bool",
        ),
        _column(
            "quota_optimization_enabled",
            "providerOptions.quotaOptimization.enabled",
            "config_subscribe",
            "Whether changes that do not matter are dropped at the provider.",
            "bool",
        ),
    ),
    rows=tuple(
        Rows(
            f"config_{action}",
            "installation_config",
            f"content.{action}.objects{{}}",
            key=f"{action}:{{name}}",
            constants={"action": action, "object_name": "{name}"},
            echoes={"objectName": "object_name"},
        )
        for action in _ACTIONS
    ),
)

INSTALLATION_FIELDS = Table(
    name="installation_fields",
    grain="field that a config names, for a purpose",
    description="The fields that customers selected, mapped, watch or write by default. "
    + _HISTORY.format(view="current_installation_fields"),
    example=Example(
        "Which of their own fields do customers map to ours?",
        "Product, to see what should be a default.",
        """
        SELECT object_name, name AS our_name, field_name, COUNT(DISTINCT config_key) AS configs
        FROM installation_fields
        WHERE purpose = 'mapping'
        GROUP BY object_name, name, field_name
        ORDER BY configs DESC, object_name, our_name, field_name
        """,
    ),
    key=("config_field_key",),
    columns=(
        Column(
            "config_field_key",
            "text",
            "`<config_object_key>:<purpose>:<name or position>`, of a field that is watched "
            "`<config_event_key>:watch:<position>`.",
            RowKey(),
            nullable=False,
        ),
        _CONFIG_KEY,
        _CONFIG_OBJECT_KEY,
        Column("object_name", "text", "From the object entry.", Inherited("object_name")),
        Column(
            "purpose",
            "text",
            "`selected`, `mapping`, `value_mapping` (its values are mapped), `dynamic_mapping` (a "
            "mapping that is offered), `write_setting`, `write_default` (its older form) or "
            "`watch`.",
            Constant(),
            nullable=False,
        ),
        Column("position", "bigint", "Place in its list (dynamic_mapping, watch).", Position()),
        Column(
            "name",
            "text",
            "What it is listed under: the field; for a mapping the name that it is mapped to.",
            Constant(),
        ),
        Column(
            "field_name",
            "text",
            "Field of the provider (mapping, dynamic_mapping, watch).",
            Path({"field_mapping": "", "dynamic_mapping": "fieldName", "config_watch_field": ""}),
        ),
        Column(
            "map_to_name",
            "text",
            "Name under which it is delivered (mapping, dynamic_mapping).",
            Path({"dynamic_mapping": "mapToName"}),
        ),
        _column("map_to_display_name", "mapToDisplayName", "dynamic_mapping", "Label."),
        _column("prompt", "prompt", "dynamic_mapping", "Help text."),
        Column(
            "is_selected", "bool", "Whether it is read (selected).", Path({"selected_field": ""})
        ),
        _column(
            "write_on_create",
            "writeOnCreate",
            "write_setting",
            "`always` or `never`: whether the default is written to new records.",
        ),
        Column(
            "write_on_update",
            "text",
            "`always`, `never` or `ifEmpty`: whether it is written to changed ones.",
            Path({"write_setting": "writeOnUpdate", "write_default": "applyOnUpdate"}),
        ),
        Column(
            "has_default",
            "bool",
            "Whether there is a default; its value is not kept.",
            Present({"write_setting": "default", "write_default": "value"}),
        ),
    ),
    rows=(
        Rows(
            "selected_field",
            "config_read",
            "selectedFields{}",
            key="selected:{name}",
            constants={"purpose": "selected", "name": "{name}"},
            bare="",
            objects=False,
        ),
        Rows(
            "field_mapping",
            "config_read",
            "selectedFieldMappings{}",
            key="mapping:{name}",
            constants={"purpose": "mapping", "name": "{name}"},
            bare="",
            objects=False,
        ),
        Rows(
            "value_mapping_field",
            "config_read",
            "selectedValueMappings{}",
            key="value_mapping:{name}",
            constants={"purpose": "value_mapping", "name": "{name}"},
        ),
        Rows(
            "dynamic_mapping",
            "config_read",
            "dynamicMappingsInput[]",
            key="dynamic_mapping:{position}",
            constants={"purpose": "dynamic_mapping", "name": None},
        ),
        Rows(
            "write_setting",
            "config_write",
            "selectedFieldSettings{}",
            key="write_setting:{name}",
            constants={"purpose": "write_setting", "name": "{name}"},
            left_out=("default",),
        ),
        Rows(
            "write_default",
            "config_write",
            "selectedValueDefaults{}",
            key="write_default:{name}",
            constants={"purpose": "write_default", "name": "{name}"},
            left_out=("value",),
        ),
        Rows(
            "config_watch_field",
            "config_update_event",
            "requiredWatchFields[]",
            key="watch:{position}",
            constants={"purpose": "watch", "name": None},
            bare="",
            objects=False,
        ),
    ),
)

INSTALLATION_VALUE_MAPPINGS = Table(
    name="installation_value_mappings",
    grain="value of a field that a config maps, or offers to map",
    description="How values of the customer's fields are translated. "
    + _HISTORY.format(view="current_installations"),
    example=Example(
        "Which values of customers' fields become which of ours?",
        "Data engineers, when a stage has a name that nobody knows.",
        """
        SELECT object_name, field_name, provider_value, delivered_value, mapped_display_value
        FROM installation_value_mappings
        ORDER BY object_name, field_name, value_mapping_key
        """,
    ),
    key=("value_mapping_key",),
    columns=(
        Column(
            "value_mapping_key",
            "text",
            "`<config_field_key>:value:<name or position>`.",
            RowKey(),
            nullable=False,
        ),
        _CONFIG_KEY,
        _CONFIG_OBJECT_KEY,
        _parent("config_field_key", "The field entry that it is part of.", "installation_fields"),
        Column("object_name", "text", "From the object entry.", Inherited("object_name")),
        Column(
            "field_name",
            "text",
            "What the field is listed under; NULL: offered.",
            Inherited("name"),
        ),
        Column("position", "bigint", "Place in its list (offered).", Position()),
        Column("delivered_value", "text", "Value that is delivered.", Constant()),
        Column("provider_value", "text", "Value at the provider.", Path({"value_mapping": ""})),
        _column("mapped_value", "mappedValue", "offered_value", "Value that can be mapped."),
        _column(
            "mapped_display_value",
            "mappedDisplayValue",
            "offered_value",
            "What the customer sees of it.",
        ),
    ),
    rows=(
        Rows(
            "value_mapping",
            "value_mapping_field",
            "{}",
            key="value:{name}",
            constants={"delivered_value": "{name}"},
            bare="",
            objects=False,
        ),
        Rows(
            "offered_value",
            "dynamic_mapping",
            "mappedValues[]",
            key="value:{position}",
            constants={"delivered_value": None},
        ),
    ),
)

INSTALLATION_FILTERS = Table(
    name="installation_filters",
    grain="filter that a config has for reading an object",
    description="Which records are read at all. The value that is compared with is not kept. "
    + _HISTORY.format(view="current_installations"),
    example=Example(
        "Where is not everything read?",
        "Support, when a customer misses records.",
        """
        SELECT object_name, scope, field_name, operator, COUNT(DISTINCT config_key) AS configs
        FROM installation_filters
        GROUP BY object_name, scope, field_name, operator
        ORDER BY configs DESC, object_name, scope, field_name
        """,
    ),
    key=("config_filter_key",),
    columns=(
        Column(
            "config_filter_key",
            "text",
            "`<config_object_key>:<scope>_filter:<position>`.",
            RowKey(),
            nullable=False,
        ),
        _CONFIG_KEY,
        _CONFIG_OBJECT_KEY,
        Column("object_name", "text", "From the object entry.", Inherited("object_name")),
        Column(
            "scope", "text", "`read`, or `backfill` for that alone.", Constant(), nullable=False
        ),
        Column("position", "bigint", "Place in the list, from 0.", Position(), nullable=False),
        Column(
            "field_name",
            "text",
            "Field that is compared.",
            Path(dict.fromkeys(("read_filter", "backfill_filter"), "fieldName")),
        ),
        Column(
            "operator",
            "text",
            "How it is compared, such as `eq`.",
            Path(dict.fromkeys(("read_filter", "backfill_filter"), "operator")),
        ),
    ),
    rows=tuple(
        Rows(
            f"{scope}_filter",
            "config_read",
            path,
            key=f"{scope}_filter:{{position}}",
            constants={"scope": scope},
            left_out=("value",),
        )
        for scope, path in (("read", "fieldFilters[]"), ("backfill", "backfill.fieldFilters[]"))
    ),
)

_CONFIG_EVENTS = ("config_create_event", "config_update_event", "config_delete_event")

INSTALLATION_EVENTS = Table(
    name="installation_events",
    grain="event that a config subscribes to, or could",
    description="The events that customers' records send. "
    + _HISTORY.format(view="current_installations"),
    example=Example(
        "For which objects do customers get events?",
        "Product, to see who uses real time.",
        """
        SELECT object_name, event_type, enabled, COUNT(DISTINCT config_key) AS configs
        FROM installation_events
        GROUP BY object_name, event_type, enabled
        ORDER BY object_name, event_type, enabled
        """,
    ),
    key=("config_event_key",),
    columns=(
        Column(
            "config_event_key",
            "text",
            "`<config_object_key>:<event_type>`, with `:<position>` for others.",
            RowKey(),
            nullable=False,
        ),
        _CONFIG_KEY,
        _CONFIG_OBJECT_KEY,
        Column("object_name", "text", "From the object entry.", Inherited("object_name")),
        Column(
            "event_type",
            "text",
            "`create`, `update`, `delete` or `other`.",
            Constant(),
            nullable=False,
        ),
        Column("position", "bigint", "Place in `otherEvents`, from 0 (other).", Position()),
        Column(
            "event_name", "text", "Name at the provider (other).", Path({"config_other_event": ""})
        ),
        Column(
            "enabled",
            "text",
            "`always` or `never`.",
            Path(dict.fromkeys(_CONFIG_EVENTS, "enabled")),
            text="or_boolean",
        ),
        _column(
            "watch_fields_auto",
            "watchFieldsAuto",
            "config_update_event",
            "`all` fields are watched.",
        ),
    ),
    rows=(
        *(
            Rows(
                f"config_{name}_event",
                "config_subscribe",
                f"{name}Event",
                key=name,
                constants={"event_type": name},
            )
            for name in ("create", "update", "delete")
        ),
        Rows(
            "config_other_event",
            "config_subscribe",
            "otherEvents[]",
            key="other:{position}",
            constants={"event_type": "other"},
            bare="",
            objects=False,
        ),
    ),
)

CONNECTIONS = Table(
    name="connections",
    grain="connection and distinct set of its attributes ever seen",
    description="How customers' systems are reached, and whether that works. Keys, tokens and "
    "what a provider calls metadata are not kept, nor is `updateTime`, which changes whenever a "
    "token is refreshed. " + _HISTORY.format(view="current_connections"),
    example=Example(
        "How do customers sign in at each provider?",
        "Security, to see who still uses API keys.",
        """
        SELECT provider, auth_scheme, COUNT(DISTINCT connection_id) AS connections
        FROM connections
        GROUP BY provider, auth_scheme
        ORDER BY provider, auth_scheme
        """,
    ),
    key=("connection_key",),
    columns=(
        _key("connection_key", "the connection's attributes"),
        _PROJECT,
        _column("connection_id", "id", "connection", "Id of the connection.", nullable=False),
        _column("provider", "provider", "connection", "Key of the provider."),
        _column("provider_app_id", "providerApp.id", "connection", "Id of the provider app."),
        _column("auth_scheme", "authScheme", "connection", "Such as `oauth2/authorizationCode`."),
        _column("status", "status", "connection", "`created`, `working` or `bad_credentials`."),
        _column(
            "scopes",
            "oauth2AuthorizationCode.scopes",
            "connection",
            "JSON list of the scopes granted.",
            text="json_list",
        ),
        *(
            _column(name, path, "connection", description + _PERSONAL, is_personal=True)
            for name, path, description in (
                ("group_ref", "group.groupRef", "Customer: id that the builder gave the group."),
                ("group_name", "group.groupName", "Name of the customer."),
                ("consumer_ref", "consumer.consumerRef", "Person: id that the builder gave."),
                ("consumer_name", "consumer.consumerName", "Name of the person."),
                (
                    "provider_workspace_ref",
                    "providerWorkspaceRef",
                    "Workspace at the provider, such as a subdomain.",
                ),
                ("provider_consumer_ref", "providerConsumerRef", "Person's id at the provider."),
            )
        ),
        *_times("connection", is_updated=False),
    ),
    rows=(
        Rows(
            "connection",
            key="{digest}",
            echoes=_of_project("projectId"),
            left_out=(
                "apiKey",
                "catalogVars",
                "providerMetadata",
                "updateTime",
                "oauth2AuthorizationCode.accessToken",
                "oauth2AuthorizationCode.refreshToken",
                *_below("group", "projectId", "createTime", "updateTime"),
                *_below("consumer", "projectId", "createTime", "updateTime"),
                *_below(
                    "providerApp",
                    "projectId",
                    "externalRef",
                    "provider",
                    "clientId",
                    "clientSecret",
                    "scopes",
                    "metadata",
                    "createTime",
                    "updateTime",
                ),
            ),
        ),
    ),
)

_SUPPORT = (
    ("supports_read", "read", "Whether records can be read."),
    ("supports_write", "write", "Whether records can be written."),
    ("supports_subscribe", "subscribe", "Whether there are events."),
    ("supports_proxy", "proxy", "Whether there is a proxy."),
    ("supports_delete", "delete", "Whether records can be deleted."),
    ("supports_search", "search.operators.equals", "Whether records can be searched for."),
    ("supports_bulk_insert", "bulkWrite.insert", "Whether many can be inserted at once."),
    ("supports_bulk_update", "bulkWrite.update", "Whether many can be updated at once."),
    ("supports_bulk_upsert", "bulkWrite.upsert", "Whether many can be upserted at once."),
    ("supports_bulk_delete", "bulkWrite.delete", "Whether many can be deleted at once."),
    ("supports_create_events", "subscribeSupport.create", "Whether new records send events."),
    ("supports_update_events", "subscribeSupport.update", "Whether changed records send events."),
    ("supports_delete_events", "subscribeSupport.delete", "Whether deleted records send events."),
    ("supports_other_events", "subscribeSupport.passThrough", "Whether others are passed on."),
)
_NOT_KEPT_OF_SUPPORT = ("support.batchWrite", "subscribeRequirements")


def _supports(kind: str) -> tuple[Column, ...]:
    return tuple(
        _column(name, f"support.{path}", kind, description, "bool")
        for name, path, description in _SUPPORT
    )


PROVIDERS = Table(
    name="providers",
    grain="provider and distinct set of its attributes ever seen",
    description="What Ampersand's catalog says that a provider can do. The same for all projects. "
    + _HISTORY.format(view="current_providers"),
    example=Example(
        "Which providers can send events?",
        "Product, before promising real time.",
        """
        SELECT provider, supports_create_events, supports_update_events, supports_delete_events
        FROM providers
        WHERE supports_subscribe
        ORDER BY provider, provider_key
        """,
    ),
    key=("provider_key",),
    columns=(
        Column(
            "provider_key", "text", "Digest of the provider's attributes.", RowKey(), nullable=False
        ),
        _column("provider", "name", "provider", "Key of the provider.", nullable=False),
        _column("display_name", "displayName", "provider", "Name for people."),
        _column("auth_type", "authType", "provider", "How one signs in."),
        _column("base_url", "baseURL", "provider", "Address of its API.", text="address"),
        _column(
            "default_module",
            "defaultModule",
            "provider",
            "Module that counts where a manifest names none.",
            text="empty_is_unset",
        ),
        _column(
            "post_auth_info_needed",
            "postAuthInfoNeeded",
            "provider",
            "Whether more has to be known after signing in.",
            "bool",
        ),
        *_supports("provider"),
    ),
    rows=(
        Rows(
            "provider",
            key="{digest}",
            left_out=(
                *_NOT_KEPT_OF_SUPPORT,
                "oauth2Opts",
                "apiKeyOpts",
                "basicOpts",
                "customOpts",
                "authHealthCheck",
                "media",
                "labels",
                "metadata",
                "providerAppMetadata",
            ),
        ),
    ),
)

PROVIDER_MODULES = Table(
    name="provider_modules",
    grain="module of a provider",
    description="What one module of a provider can do. "
    + _HISTORY.format(view="current_provider_modules"),
    example=Example(
        "Which providers have several modules?",
        "Platform engineers, before they write a manifest.",
        """
        SELECT p.provider, m.module, m.supports_read, m.supports_write
        FROM provider_modules AS m
        JOIN providers AS p ON p.provider_key = m.provider_key
        ORDER BY p.provider, m.module, m.provider_module_key
        """,
    ),
    key=("provider_module_key",),
    columns=(
        Column(
            "provider_module_key",
            "text",
            "`<provider_key>:module:<module>`.",
            RowKey(),
            nullable=False,
        ),
        _parent("provider_key", "The provider that it is part of.", "providers"),
        Column("module", "text", "Key of the module.", Constant()),
        _column("display_name", "displayName", "provider_module", "Name for people."),
        _column("base_url", "baseURL", "provider_module", "Address of its API.", text="address"),
        *_supports("provider_module"),
    ),
    rows=(
        Rows(
            "provider_module",
            "provider",
            "modules{}",
            key="module:{name}",
            constants={"module": "{name}"},
            left_out=_NOT_KEPT_OF_SUPPORT,
        ),
    ),
)

PROVIDER_APPS = Table(
    name="provider_apps",
    grain="provider app and distinct set of its attributes ever seen",
    description="The builder's own apps at the providers. Client secrets and parameters are not "
    "kept. " + _HISTORY.format(view="current_provider_apps"),
    example=Example(
        "Which scopes do our apps ask for?",
        "Security, before a provider's review.",
        """
        SELECT provider, client_id, SUBSTRING(scopes, 1, 50) AS scopes
        FROM provider_apps
        ORDER BY provider, provider_app_key
        """,
    ),
    key=("provider_app_key",),
    columns=(
        _key("provider_app_key", "the app's attributes"),
        _PROJECT,
        _column("provider_app_id", "id", "provider_app", "Id of the app.", nullable=False),
        _column("provider", "provider", "provider_app", "Key of the provider."),
        _column(
            "external_ref", "externalRef", "provider_app", "Id that the provider gave the app."
        ),
        _column("client_id", "clientId", "provider_app", "OAuth client id, which is public."),
        _column(
            "scopes",
            "scopes",
            "provider_app",
            "JSON list of the scopes that it asks for.",
            text="json_list",
        ),
        *_times("provider_app"),
    ),
    rows=(
        Rows(
            "provider_app",
            key="{digest}",
            echoes=_of_project("projectId"),
            left_out=("clientSecret", "metadata"),
        ),
    ),
)

TOPICS = Table(
    name="topics",
    grain="topic and distinct set of its attributes ever seen",
    description="What Ampersand's notifications are sorted by. "
    + _HISTORY.format(view="current_notification_routes"),
    example=Example(
        "Which topics are there?",
        "Whoever is on call, to see what could page them.",
        """
        SELECT name, CAST(create_time AS DATE) AS created FROM topics ORDER BY name, topic_key
        """,
    ),
    key=("topic_key",),
    columns=(
        _key("topic_key", "the topic's attributes"),
        _PROJECT,
        _column("topic_id", "id", "topic", "Id of the topic.", nullable=False),
        _column("name", "name", "topic", "Name of the topic."),
        *_times("topic"),
    ),
    rows=(Rows("topic", key="{digest}", echoes=_of_project("projectId")),),
)

TOPIC_EVENT_ROUTES = Table(
    name="topic_event_routes",
    grain="route from an event to a topic",
    description="Which notifications go to which topic. "
    + _HISTORY.format(view="current_notification_routes"),
    example=Example(
        "Which notifications are routed at all?",
        "Whoever is on call: what is not routed is not heard.",
        """
        SELECT event_type, COUNT(DISTINCT topic_id) AS topics
        FROM topic_event_routes
        GROUP BY event_type
        ORDER BY event_type
        """,
    ),
    key=("topic_event_route_key",),
    columns=(
        _key("topic_event_route_key", "the route's attributes"),
        _PROJECT,
        _column("route_id", "id", "topic_event_route", "Id of the route.", nullable=False),
        _column("event_type", "eventType", "topic_event_route", "Such as `connection.error`."),
        _column("topic_id", "topicId", "topic_event_route", "Id of the topic."),
        *_times("topic_event_route"),
    ),
    rows=(Rows("topic_event_route", key="{digest}", echoes=_of_project("projectId")),),
)

TOPIC_DESTINATION_ROUTES = Table(
    name="topic_destination_routes",
    grain="route from a topic to a destination",
    description="Which topic is delivered to which destination. "
    + _HISTORY.format(view="current_notification_routes"),
    example=Example(
        "Which destinations get notifications?",
        "Platform engineers, before they turn one off.",
        """
        SELECT destination_id, COUNT(DISTINCT topic_id) AS topics
        FROM topic_destination_routes
        GROUP BY destination_id
        ORDER BY destination_id
        """,
    ),
    key=("topic_destination_route_key",),
    columns=(
        _key("topic_destination_route_key", "the route's attributes"),
        _PROJECT,
        _column("route_id", "id", "topic_destination_route", "Id of the route.", nullable=False),
        _column("topic_id", "topicId", "topic_destination_route", "Id of the topic."),
        _column("destination_id", "destinationId", "topic_destination_route", "Id of it."),
        *_times("topic_destination_route", is_updated=False),
    ),
    rows=(Rows("topic_destination_route", key="{digest}", echoes=_of_project("projectId")),),
)

OPERATIONS = Table(
    name="operations",
    grain="operation and distinct state of it ever seen",
    description="What ran for an installation, and what came of it. Only what is new is read. Ids "
    "of customers' records are not kept. " + _HISTORY.format(view="current_operations"),
    example=Example(
        "How long was an operation seen to run?",
        "Whoever is on call, when reads pile up.",
        """
        SELECT operation_id, MIN(run_id) AS seen_first, MAX(run_id) AS seen_last, COUNT(*) AS states
        FROM operations
        GROUP BY operation_id
        HAVING COUNT(*) > 1
        ORDER BY operation_id
        """,
    ),
    key=("operation_key",),
    columns=(
        _key("operation_key", "the operation's state"),
        _PROJECT,
        _column("operation_id", "id", "operation", "Id of the operation.", nullable=False),
        Column(
            "run_id",
            "text",
            "The run that saw it in this state.",
            Given(),
            nullable=False,
            references="extraction_runs.run_id",
        ),
        _column("integration_id", "integrationId", "operation", "Id of the integration."),
        _column("installation_id", "installationId", "operation", "Id of the installation."),
        _column("config_id", "configId", "operation", "Id of the config that it ran with."),
        _column("action_type", "actionType", "operation", "`read`, `write` or `subscribe`."),
        _column("status", "status", "operation", "`success`, `failure` or `in_progress`."),
        _column("result", "result", "operation", "What came of it, in words."),
        _column(
            "object_names",
            "metadata.objects",
            "operation",
            "JSON list of the objects.",
            text="json_list",
        ),
        _column(
            "retry_attempts", "metadata.retry.attempts", "operation", "Attempts so far.", "bigint"
        ),
        _column(
            "records_processed",
            "metadata.progress.recordsProcessed",
            "operation",
            "Records read so far.",
            "bigint",
        ),
        _column(
            "records_estimated_total",
            "metadata.progress.recordsEstimatedTotal",
            "operation",
            "Records that there are, where the provider tells.",
            "bigint",
        ),
        *_times("operation", is_updated=False),
    ),
    rows=(
        Rows(
            "operation",
            key="{digest}",
            echoes=_of_project("projectId"),
            left_out=(
                "metadata.successfulRecordIds",
                "metadata.retry.lastAttempt",
                "metadata.retry.lastNotified",
                "metadata.progress.installationId",
                "metadata.progress.objectName",
                "metadata.progress.operationId",
            ),
        ),
    ),
)

COLLECTION_ENTRIES = Table(
    name="collection_entries",
    grain="entry of a distinct listing of a collection",
    description="Which destinations, installations, connections and so on there were in each "
    "distinct answer of the API. " + _HISTORY.format(view="current_collections"),
    example=Example(
        "How many of each were there at each time?",
        "Whoever looks for the day on which something vanished.",
        """
        SELECT collection, listing_key, COUNT(*) AS entries
        FROM collection_entries
        GROUP BY collection, listing_key
        ORDER BY collection, entries, listing_key
        """,
    ),
    key=("listing_key", "entry_id"),
    columns=(
        Column("listing_key", "text", "Digest of what the listing holds.", nullable=False),
        Column("entry_id", "text", "Id of the entry.", nullable=False),
        Column("collection", "text", "Table that has the entry.", nullable=False),
        Column(
            "project_id",
            "text",
            "Id of the Ampersand project; empty for what is the same for all.",
            nullable=False,
        ),
        Column("entry_key", "text", "Key of the entry in that table.", nullable=False),
    ),
)

COLLECTIONS: tuple[Collection, ...] = (
    Collection("destinations", "destination", "projects/{project}/destinations"),
    Collection("installations", "installation", "projects/{project}/installations"),
    Collection("connections", "connection", "projects/{project}/connections"),
    Collection("providers", "provider", "providers", is_map=True, identifier="name"),
    Collection("provider_apps", "provider_app", "projects/{project}/provider-apps"),
    Collection("topics", "topic", "projects/{project}/topics"),
    Collection(
        "topic_event_routes",
        "topic_event_route",
        "projects/{project}/notification-event-topic-routes",
    ),
    Collection(
        "topic_destination_routes",
        "topic_destination_route",
        "projects/{project}/topic-destination-routes",
    ),
)
"""What is listed whole; operations are not. Source of the paths: api.yaml."""

PLATFORM_TABLES: tuple[Table, ...] = (
    DESTINATIONS,
    INSTALLATIONS,
    INSTALLATION_CONFIGS,
    INSTALLATION_OBJECTS,
    INSTALLATION_FIELDS,
    INSTALLATION_VALUE_MAPPINGS,
    INSTALLATION_FILTERS,
    INSTALLATION_EVENTS,
    CONNECTIONS,
    PROVIDERS,
    PROVIDER_MODULES,
    PROVIDER_APPS,
    TOPICS,
    TOPIC_EVENT_ROUTES,
    TOPIC_DESTINATION_ROUTES,
    OPERATIONS,
    COLLECTION_ENTRIES,
)
"""Every table beside the integrations, parents before children."""

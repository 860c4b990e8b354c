// The configuration that pages show: names of reasons, dispositions, queues
// and users. It comes whole by REST and then change by change.
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import {
  ResourceSchema,
  type Resource,
  type ResourceChange,
} from '@/gen/zvon/directory/v1/resource_pb';
import { lengthOf } from '@/lib/time';

export interface Reason {
  id: string;
  names: Record<string, string>;
  system: boolean;
  position: number;
}
export interface DispositionSetting {
  id: string;
  names: Record<string, string>;
  queueIds: string[];
  position: number;
}
export interface QueueSetting {
  id: string;
  name: string;
  serviceLevelThreshold: number;
  memberUserIds: string[];
}
export interface UserSetting {
  id: string;
  name: string;
  roleIds: string[];
  internalNumber: string;
  disabled: boolean;
}
export interface TrunkSetting {
  id: string;
  name: string;
}

export interface Settings {
  reasons: ReadonlyMap<string, Reason>;
  dispositions: ReadonlyMap<string, DispositionSetting>;
  queues: ReadonlyMap<string, QueueSetting>;
  users: ReadonlyMap<string, UserSetting>;
  trunks: ReadonlyMap<string, TrunkSetting>;
}

export const emptySettings: Settings = {
  reasons: new Map(),
  dispositions: new Map(),
  queues: new Map(),
  users: new Map(),
  trunks: new Map(),
};

// Takes every array of Resources in the answer, whatever it is called.
export function parseSettings(json: JsonValue): Settings {
  let settings = emptySettings;
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return settings;
  for (const list of Object.values(json)) {
    if (!Array.isArray(list)) continue;
    for (const item of list) {
      const resource = fromJson(ResourceSchema, item, { ignoreUnknownFields: true });
      settings = withResource(settings, resource, false);
    }
  }
  return settings;
}

export function applyChange(settings: Settings, change: ResourceChange): Settings {
  return change.resource ? withResource(settings, change.resource, change.deleted) : settings;
}

const kCollections: Record<string, keyof Settings> = {
  reasons: 'reasons',
  dispositions: 'dispositions',
  queues: 'queues',
  users: 'users',
  trunks: 'trunks',
};

function withResource(settings: Settings, resource: Resource, deleted: boolean): Settings {
  const parts = resource.name.split('/');
  const id = parts[3];
  const collection = kCollections[parts[2] ?? ''];
  if (parts[0] !== 'tenants' || !id || !collection) return settings;
  const copy = new Map<string, unknown>(settings[collection]);
  const value = deleted ? undefined : valueOf(id, resource.kind);
  if (value) copy.set(id, value);
  else copy.delete(id);
  return { ...settings, [collection]: copy };
}

function valueOf(id: string, kind: Resource['kind']): unknown {
  switch (kind.case) {
    case 'notReadyReason': {
      const { displayNames: names, system, position } = kind.value;
      return { id, names, system, position } satisfies Reason;
    }
    case 'disposition': {
      const { displayNames: names, queueIds, position } = kind.value;
      return { id, names, queueIds, position } satisfies DispositionSetting;
    }
    case 'queue':
      return {
        id,
        name: kind.value.displayName || id,
        serviceLevelThreshold: lengthOf(kind.value.serviceLevelThreshold) || 20_000,
        memberUserIds: kind.value.memberUserIds,
      } satisfies QueueSetting;
    case 'user':
      return {
        id,
        name: kind.value.displayName || id,
        roleIds: kind.value.roleIds,
        internalNumber: kind.value.internalNumber,
        disabled: kind.value.disabled,
      } satisfies UserSetting;
    case 'trunk':
      return { id, name: kind.value.displayName || id } satisfies TrunkSetting;
    default:
      return undefined;
  }
}

// In the user's language, or any that there is.
export function nameIn(names: Record<string, string>, language: string, id: string): string {
  return names[language] || names['en'] || names['ru'] || Object.values(names)[0] || id;
}

export function selectableReasons(settings: Settings): Reason[] {
  return [...settings.reasons.values()]
    .filter((reason) => !reason.system)
    .sort((a, b) => a.position - b.position || a.id.localeCompare(b.id));
}

export function dispositionsOf(settings: Settings, queueId: string): DispositionSetting[] {
  return [...settings.dispositions.values()]
    .filter(({ queueIds }) => queueIds.length === 0 || queueIds.includes(queueId))
    .sort((a, b) => a.position - b.position || a.id.localeCompare(b.id));
}

export const queueName = (settings: Settings, id: string): string =>
  settings.queues.get(id)?.name ?? id;

export const userName = (settings: Settings, id: string): string =>
  settings.users.get(id)?.name ?? id;

/** Records of what the core knows, made on demand: a task's for the task that changed, the whole for reports. */
import type { ElectronRecord, TaskRecord } from './record.ts';
import { nodeOutputs } from './views.ts';
import { isMany, type Node, type Task } from './state.ts';

export function taskRecord(task: Task): TaskRecord {
  return {
    id: task.id,
    key: task.key,
    electron: task.node.path,
    index: task.index,
    name: task.name,
    matrix: task.matrix,
    state: task.state,
    ...(task.outcome === undefined ? {} : { outcome: task.outcome }),
    tolerated: task.tolerated,
    outputs: task.outputs,
    files: task.files,
    ...(task.filesAt === undefined ? {} : { filesAt: task.filesAt }),
    ...(task.logAt === undefined ? {} : { logAt: task.logAt }),
    ...(task.failure === undefined ? {} : { failure: task.failure }),
    attempts: task.attempts,
    ...(task.fingerprint === undefined ? {} : { fingerprint: task.fingerprint }),
    ...(task.why === undefined ? {} : { why: task.why }),
    resources: task.resources,
    ...(task.image === undefined ? {} : { image: task.image }),
    ...(task.readyAt === undefined ? {} : { readyAt: task.readyAt }),
    ...(task.endedAt === undefined ? {} : { endedAt: task.endedAt }),
  };
}

/** `line`: 1-based line of the electron's id. */
export function electronRecord(node: Node, line: number): ElectronRecord {
  return {
    path: node.path,
    id: node.electron.id,
    needs: node.needs.map((need) => need.path),
    file: node.electron.location.file,
    line,
    many: isMany(node.electron),
    uses: node.electron.work.kind === 'uses',
    ...(node.outcome === undefined ? {} : { outcome: node.outcome }),
    ...(node.result === undefined ? {} : { result: node.result }),
    tasks: node.tasks.map((task) => task.id),
    expanded: node.expanded,
    outputs: node.ended ? nodeOutputs(node) : {},
  };
}

/** What tasks are given of their needs: one document per ended electron, shared by all that need it. */
import type { Json } from '../base/json.ts';
import type { FileEntry, NeedDocument } from './contract.ts';
import { partHash, sha256 } from './fingerprint.ts';
import type { Node, Task } from './state.ts';
import { taskResult } from './views.ts';

/** A document as it stands in the store, and what of it decides the results of dependents. */
export interface StoredDocument {
  readonly text: string;
  readonly sha256: string;
  readonly identity: string;
}

const documents = new WeakMap<Node, StoredDocument>();

/** The document of an ended electron; made once. */
export function needDocument(node: Node): StoredDocument {
  const known = documents.get(node);
  if (known !== undefined) return known;
  const tasks = node.placeholder ? [] : node.tasks;
  const document: NeedDocument = {
    electron: node.electron.id,
    width: String(Math.max(0, tasks.length - 1)).length,
    tasks: tasks.map((task) => ({
      id: task.id,
      index: task.index,
      matrix: task.matrix,
      result: taskResult(task),
      outputs: task.outputs,
      filesAt: task.filesAt ?? null,
      files: task.files,
    })),
  };
  const text = JSON.stringify(document);
  const made = {
    text,
    sha256: sha256(text),
    identity: partHash(tasks.map((task) => given(task, taskResult(task)))),
  };
  documents.set(node, made);
  return made;
}

/** What a task gives to others, without where it stands: equal in another run with equal results. */
export function given(task: Task, result: string): Json {
  return {
    index: task.index,
    matrix: task.matrix,
    result,
    outputs: task.outputs,
    files: task.files.map((entry: FileEntry) => [entry.path, entry.sha256, entry.mode]),
  };
}

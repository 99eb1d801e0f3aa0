import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { cameFrom, goBack } from '../state/location.ts';
import type { Resource } from '../state/resource.ts';
import { PageTitle } from './page-title.tsx';
import { Failed, Loading } from './states.tsx';

export interface DetailPageProps<Data> {
  /** The list that it is one of, and what the way there is called. */
  list: { path: string; name: string };
  title: string;
  resource: Resource<Data>;
  /** Beside the title: badges and buttons. */
  head: (data: Data) => ComponentChildren;
  children: (data: Data) => ComponentChildren;
}

/** A page about one thing: the way back, its title, and what is known of it, or that it is on its way, or what failed. */
export function DetailPage<Data>({ list, title, resource, head, children }: DetailPageProps<Data>) {
  const { data, error, reload } = resource;
  const [from] = useState(() => cameFrom(list.path));
  return (
    <>
      <a class="back" href={from ?? list.path} onClick={from === null ? undefined : goBack}>
        ← {list.name}
      </a>
      <PageTitle title={title}>{data && head(data)}</PageTitle>
      {error !== null && !data && <Failed error={error} retry={reload} />}
      {!data && error === null && <Loading />}
      {data && children(data)}
    </>
  );
}

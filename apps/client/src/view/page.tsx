/** The whole page: header, and below it the connections or the workspace. */
import { screen } from "./app.js";
import { ConnectionsScreen } from "./connections-screen.js";
import { Header } from "./header.js";
import { NoticeList } from "./notice-list.js";
import { Workspace } from "./workspace.js";

export function Page() {
  return (
    <>
      <Header />
      {screen.value === "connections" ? <ConnectionsScreen /> : <Workspace />}
      <NoticeList />
    </>
  );
}

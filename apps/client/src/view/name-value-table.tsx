interface NameValueTableProps {
  rows: readonly (readonly [name: string, value: string])[];
}

export function NameValueTable({ rows }: NameValueTableProps) {
  return (
    <table class="name-value">
      <tbody>
        {rows.map(([name, value], index) => (
          <tr key={`${index + 1} ${name}`}>
            <th scope="row">{name}</th>
            <td class="mono">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

using System.Text;

namespace Sightline.Tuning;

/// <summary>Statements that are sent together and happen together or not at all. One of them may give rows; each may use all values.</summary>
internal sealed class StoreBatch
{
    private readonly StringBuilder _sql = new();
    private readonly List<(string Name, object? Value)> _values = [];

    /// <summary>The statements, one text.</summary>
    public string Sql => _sql.ToString();

    /// <summary>The values, by name.</summary>
    public (string Name, object? Value)[] Values => [.. _values];

    /// <summary>Adds a statement and the values that no statement before has named.</summary>
    public StoreBatch Add(string sql, params IEnumerable<(string Name, object? Value)> values)
    {
        _sql.Append(_sql.Length == 0 ? "" : ";\n").Append(sql);
        _values.AddRange(values);
        return this;
    }

    /// <summary>Adds values that several statements use.</summary>
    public StoreBatch With(params IEnumerable<(string Name, object? Value)> values)
    {
        _values.AddRange(values);
        return this;
    }

    /// <summary>Adds a statement for as many rows as there are: <c>VALUES (@a0, @b0), (@a1, @b1)</c> stands where <paramref name="sql"/> has <c>{rows}</c>.
    /// Their columns are column1, column2 and so on, in both engines.</summary>
    /// <param name="sql">The statement; left out where there are no rows.</param>
    /// <param name="columns">Name and type of each column; the names must not be used by other statements of the batch.</param>
    /// <param name="rows">One value per column.</param>
    public StoreBatch AddRows(string sql, (string Name, string Type)[] columns, IReadOnlyList<object?[]> rows)
    {
        if (rows.Count == 0)
        {
            return this;
        }

        // PostgreSQL cannot tell the type of a null among rows.
        var texts = rows.Select((_, r) => $"({string.Join(", ", columns.Select(column => $"CAST(@{column.Name}{r} AS {column.Type})"))})");
        return Add(sql.Replace("{rows}", $"(VALUES {string.Join(", ", texts)}) AS given", StringComparison.Ordinal),
            rows.SelectMany((row, r) => columns.Select((column, c) => ($"{column.Name}{r}", row[c]))));
    }
}

using Sightline.Augment;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;

namespace Sightline.Cli.Preview;

/// <summary>The operators that a list may name.</summary>
internal static class OperatorList
{
    public static void Write(Invocation invocation) => invocation.Result(
        OperatorCatalog.All.Select(known => new { name = known.Name, family = known.Family, weakest = known.Range?.Weakest, strongest = known.Range?.Strongest, unit = known.Unit, signed = known.IsSigned }),
        text =>
        {
            var table = new TextTable("OPERATOR", "FAMILY", "STRENGTH 0", "STRENGTH 1");
            foreach (var known in OperatorCatalog.All)
            {
                table.Add(known.Name, known.Family, known.Range is null ? "-" : known.Describe(0), known.Range is null ? "applied or not" : known.Describe(1));
            }

            table.Write(text);
        });
}

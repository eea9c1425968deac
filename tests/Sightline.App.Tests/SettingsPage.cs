using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Sightline.Cli.Settings;
using Sightline.Training;

namespace Sightline.App.Tests;

/// <summary>Writes <c>docs/settings.md</c> from the options' types, defaults and XML documentation.</summary>
internal static class SettingsPage
{
    public static string Write()
    {
        var documentation = new[] { "Sightline.xml", "Sightline.Compute.xml" }.SelectMany(name => XDocument.Load(Path.Combine(AppContext.BaseDirectory, name)).Descendants("member")).ToList();
        var page = new StringBuilder();
        page.AppendLine("# Settings of a training run");
        page.AppendLine();
        page.AppendLine("Give them as `--set KEY=VALUE`, or in a JSON file for `--config` (`{ \"optimizer\": { \"learningRate\": 0.1 } }`).");
        page.AppendLine("This page is made from the code by the tests (`SIGHTLINE_APPROVE=1 ./test -class Sightline.App.Tests.TrainSettingsTests`).");
        page.AppendLine();
        page.AppendLine("| key | default | takes | meaning |");
        page.AppendLine("|---|---|---|---|");
        foreach (var setting in Setting.All)
        {
            var (value, property) = Follow(setting.Key);
            page.AppendLine($"| `{setting.Key}` | {(value is null ? "automatic" : $"`{JsonSerializer.Serialize(value, SightlineJson.Line)}`")} | {setting.Allowed} | {Summary(documentation, property)} |");
        }

        return page.ToString();
    }

    // A part that is null by default (chosen by the data) shows its own defaults.
    private static (object? Value, PropertyInfo Property) Follow(string key)
    {
        object? value = new TrainOptions();
        PropertyInfo? property = null;
        foreach (var name in key.Split('.'))
        {
            value ??= Activator.CreateInstance(property!.PropertyType);
            property = value!.GetType().GetProperties().Single(candidate => JsonNamingPolicy.CamelCase.ConvertName(candidate.Name) == name);
            value = property.GetValue(value);
        }

        return (value, property!);
    }

    private static string Summary(IReadOnlyList<XElement> documentation, PropertyInfo property)
    {
        var id = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        var summary = documentation.Single(member => (string?)member.Attribute("name") == id).Element("summary")!;
        foreach (var reference in summary.Descendants("see").ToList())
        {
            reference.ReplaceWith(((string)reference.Attribute("cref")!).Split('.')[^1]);
        }

        return string.Join(' ', summary.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}

using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Search.Report;

namespace Sightline.Studio.Shared;

/// <summary>Style, script and icon: in memory, each under an address with its hash, so that browsers may keep it for ever.</summary>
internal static class Assets
{
    private static readonly FrozenDictionary<string, (string Type, byte[] Content, string Address)> All = Load();

    public static string Address(string name) => All[name].Address;

    public static void Map(Endpoints pages)
    {
        foreach (var (type, content, address) in All.Values)
        {
            pages.Public("GET", address, context => context.Immutable(type, content));
        }
    }

    private static FrozenDictionary<string, (string, byte[], string)> Load()
    {
        var found = new Dictionary<string, (string, byte[], string)>();
        foreach (var (name, type) in new[] { ("studio.css", "text/css; charset=utf-8"), ("studio.js", "text/javascript; charset=utf-8"), ("icon.svg", "image/svg+xml") })
        {
            using var stream = typeof(Assets).Assembly.GetManifestResourceStream("wwwroot/" + name)!; // The project embeds it.
            using var memory = new MemoryStream();
            if (name == "studio.css")
            {
                memory.Write(Encoding.UTF8.GetBytes(Palette.Css() + "\n" + StudyPage.Css)); // Colours and charts of the reports, held to WCAG by their tests.
            }

            stream.CopyTo(memory);
            var content = memory.ToArray();
            var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..12];
            found[name] = (type, content, $"/assets/{hash}/{name}");
        }

        return found.ToFrozenDictionary();
    }
}

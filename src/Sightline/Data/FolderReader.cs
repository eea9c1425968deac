using System.Security.Cryptography;
using System.Text;

namespace Sightline.Data;

/// <summary>A class-folder tree, with or without split folders.</summary>
internal static class FolderReader
{
    public static ImageDataset Open(string location, SplitOptions split)
    {
        var notices = new List<DataNotice>();
        var scan = FolderScan.Run(location, notices);
        var results = FileCheck.Run(location, scan.Files);
        var classes = scan.Files.Select(file => file.ClassName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var numbers = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var names = new List<string>();
        var contents = new List<CheckedFile>();
        var splits = new[] { new List<Example>(), [], [] };
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].NoticeKind is { } kind)
            {
                notices.Add(new DataNotice(kind, scan.Files[i].Name, results[i].Reason));
                continue;
            }

            splits[scan.Files[i].Split].Add(new Example(names.Count, numbers[scan.Files[i].ClassName]));
            names.Add(scan.Files[i].Name);
            contents.Add(results[i]);
        }

        if (names.Count == 0)
        {
            throw new DataException(
                $"'{location}' holds no picture that can be read; {results.Length} files were tried. The first: '{scan.Files[0].Name}': {results[0].Reason}");
        }

        var draft = new SplitDraft(classes, splits[0], scan.HasSplit[1] ? splits[1] : null, scan.HasSplit[2] ? splits[2] : null);
        // A test split that was found is kept as it is; one is made only where the data have no split but training.
        var done = Splits.Complete(draft, split, location, notices, carveTest: !scan.HasSplit[1] && !scan.HasSplit[2]);
        return new ImageDataset
        {
            Location = location,
            Version = Hash(names, contents, classes, done),
            Classes = classes,
            Images = new FileImages(location, names, [.. contents.Select(file => file.Sha256)]),
            Train = done.Train,
            Validation = done.Validation,
            Test = done.Test,
            HasGivenTest = scan.HasSplit[2],
            Notices = notices,
        };
    }

    private static string Hash(List<string> names, List<CheckedFile> contents, string[] classes, SplitDraft splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < names.Count; i++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{names[i]}\n{contents[i].Size}\n{contents[i].Sha256}\n"));
        }

        splits.AppendTo(hash, classes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

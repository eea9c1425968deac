using Sightline.Augment;
using Sightline.Data;
using Sightline.Training;

namespace Sightline.Runs;

/// <summary>One row of a contact sheet.</summary>
/// <param name="Picture">The picture's name.</param>
/// <param name="Class">Its class.</param>
/// <param name="Changes">What was done in each column after the first, in words.</param>
public sealed record ContactSheetRow(string Picture, string Class, IReadOnlyList<string> Changes);

/// <summary>Training pictures as they are and as the model will see them.</summary>
public sealed record ContactSheet
{
    private const int Gap = 4;

    // Smaller tiles are enlarged by whole factors until they have this side.
    private const int ReadableSide = 96;

    /// <summary>PNG: a row per picture; the first column is the picture as evaluation sees it, the others are epochs 1, 2, ... of training.</summary>
    public required byte[] Png { get; init; }

    /// <summary>The rows in words.</summary>
    public required IReadOnlyList<ContactSheetRow> Rows { get; init; }

    /// <summary>Side of each tile's picture as the model gets it, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Width of the PNG, pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the PNG, pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The augmentation, with every choice made that depends on size.</summary>
    public required AugmentOptions Augment { get; init; }

    /// <summary>Makes a sheet of training pictures: one of each class in turn.</summary>
    /// <param name="options">The run's settings; augmentation, seed, model and size count. Tiles are the very pictures of that run's epochs.</param>
    /// <param name="data">The pictures.</param>
    /// <param name="pictures">Rows, 1 to 100.</param>
    /// <param name="epochs">Columns after the first, 1 to 100.</param>
    /// <exception cref="SettingsException">A setting is out of its range.</exception>
    /// <exception cref="DataException">A picture cannot be decoded.</exception>
    public static ContactSheet Make(TrainOptions options, ImageDataset data, int pictures, int epochs)
    {
        var problems = options.Check().ToList();
        if (pictures is < 1 or > 100 || epochs is < 1 or > 100)
        {
            problems.Add($"A sheet of {pictures} pictures and {epochs} columns was asked for; both must be from 1 to 100. Pass --pictures 8 --columns 6.");
        }

        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        var settings = Trainer.Resolve(options, data);
        var maker = new Maker(settings, data, epochs);
        var rows = Choose(data, pictures).Select(maker.Row).ToList();
        var sheet = Compose(rows.Select(row => row.Tiles).ToList(), settings.Preprocessing.CropSize);
        return new ContactSheet
        {
            Png = Report.Png.Encode(sheet),
            Rows = rows.Select(row => row.Words).ToList(),
            Size = settings.Preprocessing.CropSize,
            Width = sheet.Width,
            Height = sheet.Height,
            Augment = settings.Options.Augment!, // Resolve has set it.
        };
    }

    // The first picture of each class, then the second of each, ...
    private static IEnumerable<Example> Choose(ImageDataset data, int count) => data.Train
        .GroupBy(example => example.Label)
        .OrderBy(group => group.Key)
        .SelectMany(group => group.Select((example, place) => (example, place)))
        .OrderBy(pair => pair.place)
        .Take(count)
        .Select(pair => pair.example);

    private static PixelImage Compose(IReadOnlyList<IReadOnlyList<byte[]>> rows, int size)
    {
        var factor = Math.Max(1, ReadableSide / size);
        var side = size * factor;
        var width = (rows[0].Count * (side + Gap)) + Gap;
        var height = (rows.Count * (side + Gap)) + Gap;
        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, (byte)255);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                Place(rows[row][column], size, factor, pixels, width, Gap + (column * (side + Gap)), Gap + (row * (side + Gap)));
            }
        }

        return new PixelImage(pixels, width, height);
    }

    private static void Place(byte[] tile, int size, int factor, byte[] sheet, int width, int left, int top)
    {
        for (var y = 0; y < size * factor; y++)
        {
            for (var x = 0; x < size * factor; x++)
            {
                tile.AsSpan(((y / factor * size) + (x / factor)) * 3, 3).CopyTo(sheet.AsSpan((((top + y) * width) + left + x) * 3));
            }
        }
    }

    private sealed class Maker
    {
        private readonly RunSettings _settings;
        private readonly ImageDataset _data;
        private readonly int _epochs;
        private readonly SampleTransform _plain;
        private readonly SampleTransform _changed;
        private readonly int _shortSide;
        private readonly List<string> _trace = [];

        public Maker(RunSettings settings, ImageDataset data, int epochs)
        {
            _settings = settings;
            _data = data;
            _epochs = epochs;
            _plain = new SampleTransform(settings.Preprocessing, null);
            _changed = new SampleTransform(settings.Preprocessing, settings.Options.Augment) { Trace = _trace };
            _shortSide = SampleTransform.ShortSide(settings.Preprocessing, settings.Options.Augment);
        }

        public (IReadOnlyList<byte[]> Tiles, ContactSheetRow Words) Row(Example example)
        {
            var picture = _data.Images.Decode(example.Index, _shortSide);
            var bytes = _settings.Preprocessing.CropSize * _settings.Preprocessing.CropSize * 3;
            var square = new byte[bytes];
            _plain.Prepare(picture.Pixels, picture.Width, picture.Height, square);
            List<byte[]> tiles = [square];
            List<string> changes = [];
            for (var epoch = 0; epoch < _epochs; epoch++)
            {
                var tile = new byte[bytes];
                var random = new RandomStream(Seeds.Mix(_settings.Options.Seed, epoch, example.Index));
                _trace.Clear();
                if (_changed.PreparesSquare)
                {
                    _changed.Finish(square, ref random, tile);
                }
                else
                {
                    _changed.Finish(picture.Pixels, picture.Width, picture.Height, ref random, tile);
                }

                tiles.Add(tile);
                changes.Add(_trace.Count > 0 ? string.Join(", ", _trace) : "-");
            }

            return (tiles, new ContactSheetRow(_data.Images.Name(example.Index), _data.Classes[example.Label], changes));
        }
    }
}

using Sightline.Curation.Labels;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Curation.Labels;

public sealed class ProbabilitiesFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-probabilities-").FullName;
    private readonly ImageDataset _data = TinyPictures.Dataset([0, 1, 2, 0], ["cat", "dog", "a, b"]);
    private readonly ClassProbabilities _probabilities = new([0.7f, 0.2f, 0.1f, 0.1f, 0.8f, 0.1f, 0.25f, 0.25f, 0.5f, 0.6f, 0.3f, 0.1f], 3);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("p.npy")]
    [InlineData("p.csv")]
    public void Read_gives_what_Write_wrote(string name)
    {
        ProbabilitiesFile.Write(At(name), _data, _data.Train, _probabilities);

        var read = ProbabilitiesFile.Read(At(name), _data, _data.Train);

        Assert.Equal(Rows(_probabilities), Rows(read));
    }

    [Fact]
    public void Read_finds_rows_and_columns_by_name()
    {
        Lines("picture,dog,\"a, b\",cat", "tiny/003.png,0.3,0.1,0.6", "other.png,1,0,0", "tiny/000.png,0.2,0.1,0.7", "tiny/001.png,0.8,0.1,0.1", "tiny/002.png,0.25,0.5,0.25");

        var read = ProbabilitiesFile.Read(At("p.csv"), _data, _data.Train);

        Assert.Equal(Rows(_probabilities), Rows(read));
    }

    [Fact]
    public void Read_numbers_only_are_in_the_data_sets_order()
    {
        Lines("0.7,0.2,0.1", "0.1,0.8,0.1", "0.25,0.25,0.5", "0.6,0.3,0.1");

        var read = ProbabilitiesFile.Read(At("p.csv"), _data, _data.Train);

        Assert.Equal(Rows(_probabilities), Rows(read));
    }

    [Fact]
    public void Read_another_shape_is_bad_data()
    {
        Lines("0.7,0.3", "0.2,0.8");

        Assert.Equal(
            $"'{At("p.csv")}' has the shape (2, 2); 4 pictures of 3 classes need (4, 3): a row per picture in the order of the data set, a column per class.",
            Problem());
    }

    [Theory]
    [InlineData("has no line for 3 of 4 pictures, the first being 'tiny/001.png'. Names must be", "picture,cat,dog,\"a, b\"", "tiny/000.png,1,0,0")]
    [InlineData("missing [a, b], unknown [bird]. Each class must have one column", "picture,cat,dog,bird", "tiny/000.png,1,0,0")]
    [InlineData("Line 3 of ", "picture,cat,dog,\"a, b\"", "tiny/000.png,1,0,0", "tiny/000.png,1,0,0")]
    [InlineData("names the picture 'tiny/000.png' a second time", "picture,cat,dog,\"a, b\"", "tiny/000.png,1,0,0", "tiny/000.png,1,0,0")]
    [InlineData("has 3 columns; there must be 4", "picture,cat,dog,\"a, b\"", "tiny/000.png,1,0")]
    [InlineData("has '?' where a probability is expected", "0.7,?,0.1", "0,1,0", "1,0,0", "1,0,0")]
    [InlineData("Line 2 of ", "1,0,0", "1,0", "1,0,0", "1,0,0")]
    [InlineData("opens a quotation mark and does not close it", "picture,cat,dog,\"a, b")]
    [InlineData("cannot be used. Row 1 of the probabilities sums to 0.5; it must be 1", "1,0,0", "0.5,0,0", "1,0,0", "1,0,0")]
    [InlineData("cannot be used. Row 0 of the probabilities has NaN for class 2", "0,0,nan", "1,0,0", "1,0,0", "1,0,0")]
    public void Read_a_faulty_table_is_bad_data(string expected, params string[] lines)
    {
        Lines(lines);

        Assert.Contains(expected, Problem());
    }

    [Fact]
    public void Read_rows_in_a_random_order_are_refused()
    {
        int[] looks = [.. Enumerable.Range(0, 90).Select(i => i / 30)];
        var data = TinyPictures.Dataset(looks, ["a", "b", "c"]);
        Lines([.. Enumerable.Range(0, 90).Select(i => (i % 3) switch { 0 => "0.8,0.1,0.1", 1 => "0.1,0.8,0.1", _ => "0.1,0.1,0.8" })]);

        var problem = Assert.Throws<DataException>(() => ProbabilitiesFile.Read(At("p.csv"), data, data.Train));

        Assert.StartsWith($"The rows of '{At("p.csv")}' agree with the labels in 33.3 % of the pictures, and 33.3 % would agree in a random order.", problem.Message);
    }

    [Fact]
    public void Read_no_file_or_another_ending_is_named()
    {
        File.WriteAllText(At("p.txt"), "");

        Assert.Equal($"The probabilities file '{At("p.csv")}' is not there.", Assert.Throws<NotFoundException>(() => Read("p.csv")).Message);
        Assert.StartsWith($"'{At("p.txt")}' ends with '.txt'; probabilities are read from .npy and .csv files.", Assert.Throws<DataException>(() => Read("p.txt")).Message);
    }

    private ClassProbabilities Read(string name) => ProbabilitiesFile.Read(At(name), _data, _data.Train);

    private string Problem() => Assert.Throws<DataException>(() => Read("p.csv")).Message;

    private string At(string name) => Path.Combine(_folder, name);

    private void Lines(params string[] lines) => File.WriteAllLines(At("p.csv"), lines);

    private static IEnumerable<float[]> Rows(ClassProbabilities probabilities) => Enumerable.Range(0, probabilities.Count).Select(i => probabilities.Row(i).ToArray());
}

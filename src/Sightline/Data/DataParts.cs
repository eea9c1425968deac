namespace Sightline.Data;

/// <summary>The same pictures, split in another way.</summary>
internal static class DataParts
{
    /// <summary>A data set whose version and images are the other's.</summary>
    public static ImageDataset With(
        this ImageDataset data, IReadOnlyList<Example> train, IReadOnlyList<Example> validation, IReadOnlyList<Example> test) => new()
        {
            Location = data.Location,
            Version = data.Version,
            Classes = data.Classes,
            Images = data.Images,
            Train = train,
            Validation = validation,
            Test = test,
            HasGivenTest = data.HasGivenTest,
            Notices = data.Notices,
        };
}

using System.Collections;
using System.Reflection;
using System.Text.Json;
using Sightline.Augment;
using Sightline.Training;

namespace Sightline.Cli.Settings;

/// <summary>One leaf of <see cref="TrainOptions"/>, by its dotted name (<c>optimizer.learningRate</c>).</summary>
internal sealed record Setting(string Key, Type Type, bool IsNullable)
{
    /// <summary>All settings, in the order of their declaration.</summary>
    public static IReadOnlyList<Setting> All { get; } = Leaves(typeof(TrainOptions), "").ToList();

    /// <summary>The values it takes, in words.</summary>
    public string Allowed => Words() + (IsNullable ? ", or null for the automatic choice" : "");

    private string Words() => Type switch
    {
        _ when Type == typeof(bool) => "true or false",
        _ when Type.IsEnum => string.Join(" or ", Enum.GetNames(Type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
        _ when Type == typeof(int) || Type == typeof(long) => "a whole number",
        _ when Type == typeof(double) => "a number",
        _ when Type == typeof(string) => "text",
        _ when Type == typeof(IReadOnlyList<OperatorStep>) => """a list of operators, such as [{"operator":"rotate","probability":0.5,"strength":0.2}]""",
        _ => "a list of numbers, such as [0.5,0.75]",
    };

    private static IEnumerable<Setting> Leaves(Type record, string prefix)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var key = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (type.IsClass && type != typeof(string) && !type.IsAssignableTo(typeof(IEnumerable)))
            {
                foreach (var leaf in Leaves(type, key + "."))
                {
                    yield return leaf;
                }
            }
            else
            {
                yield return new Setting(key, type, nullability.Create(property).ReadState == NullabilityState.Nullable);
            }
        }
    }
}

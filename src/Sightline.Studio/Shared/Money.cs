using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Sightline.Studio.Shared;

/// <summary>What everything that costs money asks for: a cap, a longest time, a yes.</summary>
internal static class Money
{
    private const decimal MostUsd = 1_000_000;
    private const double MostHours = 8760;

    /// <summary>An amount in USD, as a number.</summary>
    public static string Usd(decimal amount, string format = "0.00") => amount.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Reads them.</summary>
    /// <returns>Cap in USD and hours, as the command line takes them.</returns>
    /// <exception cref="SettingsException">One is missing or out of its range, or the yes is.</exception>
    public static (string Cost, string Hours) Read(IFormCollection form)
    {
        if (form["yes"] != "yes")
        {
            throw new SettingsException("Nothing was rented: tick that the amount may be spent.");
        }

        return (Cost(form), Hours(form));
    }

    private static string Cost(IFormCollection form) => decimal.TryParse(form["maxCost"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cost) && cost is > 0 and <= MostUsd
        ? cost.ToString(CultureInfo.InvariantCulture)
        : throw new SettingsException($"The most that it may cost is '{form["maxCost"]}'; it must be above 0 and at most {MostUsd} USD.");

    private static string Hours(IFormCollection form) => double.TryParse(form["maxHours"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) && hours is > 0 and <= MostHours
        ? hours.ToString(CultureInfo.InvariantCulture)
        : throw new SettingsException($"The longest time is '{form["maxHours"]}'; it must be above 0 and at most {MostHours} hours.");
}

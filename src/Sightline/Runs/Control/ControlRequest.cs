using System.Text.Json;

namespace Sightline.Runs;

/// <summary>One line of <c>control.jsonl</c>: what somebody asks of a running run.</summary>
/// <param name="Id">Made by the asker; unique within the run.</param>
/// <param name="At">When it was asked, UTC.</param>
/// <param name="By"><c>user@host</c>.</param>
/// <param name="Action">What is asked.</param>
/// <param name="Settings">For adjust: what to change.</param>
/// <param name="Problem">Why the line cannot be obeyed, where it cannot be read in full; null in sound ones.</param>
internal sealed record ControlRequest(string Id, DateTimeOffset At, string By, ControlAction Action, AdjustableSettings? Settings = null, string? Problem = null)
{
    /// <summary>The request as a line, without its end.</summary>
    public string Line()
    {
        var settings = Settings is null ? "" : $",\"settings\":{Settings.Line()}";
        return $"{{\"id\":{Text(Id)},\"at\":{Text(At.ToUniversalTime().ToString("O"))},\"by\":{Text(By)},\"action\":{JsonSerializer.Serialize(Action, SightlineJson.Line)}{settings}}}";
    }

    /// <summary>Reads a line; what is wrong with it becomes its <see cref="Problem"/>.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="now">Stands in for a time that cannot be read.</param>
    public static ControlRequest Read(string line, DateTimeOffset now)
    {
        var request = new ControlRequest("unreadable", now, "unknown", ControlAction.Adjust);
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            request = request with
            {
                Id = json.TryGetProperty("id", out var id) && id.GetString() is { Length: > 0 } told ? told : request.Id,
                By = json.TryGetProperty("by", out var by) && by.GetString() is { Length: > 0 } who ? who : request.By,
                At = json.TryGetProperty("at", out var at) && at.TryGetDateTimeOffset(out var when) ? when : now,
            };
            var action = json.TryGetProperty("action", out var named) ? named.GetString() ?? "" : "";
            if (!Enum.TryParse<ControlAction>(action, ignoreCase: true, out var known) || !Enum.IsDefined(known) || char.IsDigit(action[0]))
            {
                return request with { Problem = $"The action is '{action}'; it must be pause, resume, stop or adjust." };
            }

            request = request with { Action = known };
            return known == ControlAction.Adjust
                ? request with { Settings = json.TryGetProperty("settings", out var settings) ? AdjustableSettings.Read(settings) : new AdjustableSettings() }
                : request;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return request with { Problem = $"The line '{(line.Length > 200 ? line[..200] + "..." : line)}' of control.jsonl is no request ({error.Message})." };
        }
        catch (SettingsException error)
        {
            return request with { Problem = error.Message };
        }
    }

    private static string Text(string value) => JsonSerializer.Serialize(value, SightlineJson.Line);
}

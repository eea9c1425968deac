using System.Net;
using System.Text;
using System.Text.Json;

namespace Sightline.Compute.Monitoring;

/// <summary>Sends alerts to an address as JSON. The body names the run and the alert, and holds no setting, path or secret.</summary>
/// <param name="http">Borrowed.</param>
/// <param name="address">Where to; http or https. It may hold a secret, so messages name its host alone.</param>
/// <param name="time">For the waits between tries.</param>
internal sealed class Webhook(HttpClient http, Uri address, TimeProvider time)
{
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    /// <summary>Reads an address.</summary>
    /// <exception cref="ComputeException">It is none of http or https.</exception>
    public static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address
        : throw new ComputeException(ComputeTrouble.Usage, "The webhook's address is not sound; it must begin with http:// or https://. Pass --webhook https://HOST/PATH.");

    /// <summary>Sends an alert; tries three times where the network or the receiver fails.</summary>
    /// <returns>Why it was not taken, in plain words; null where it was.</returns>
    public async Task<string?> SendAsync(string run, Alert alert, CancellationToken cancel)
    {
        var body = JsonSerializer.Serialize(new
        {
            schema = 1,
            run,
            rule = alert.Rule,
            severity = alert.Severity.ToString().ToLowerInvariant(),
            at = alert.At,
            message = alert.Message,
            text = $"{run}: {alert.Message}", // Slack's and Mattermost's name of the whole message.
        });
        for (var i = 0; ; i++)
        {
            string trouble;
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(address, content, cancel).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode)
                {
                    return null;
                }

                trouble = $"{address.Host} answered {(int)answer.StatusCode}";
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout) && (int)answer.StatusCode < 500)
                {
                    return trouble; // The same request would get the same answer.
                }
            }
            catch (HttpRequestException error)
            {
                trouble = $"{address.Host} could not be reached ({error.HttpRequestError})";
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                trouble = $"{address.Host} did not answer in time";
            }

            if (i == Waits.Length)
            {
                return $"{trouble}, three times";
            }

            await Task.Delay(Waits[i], time, cancel).ConfigureAwait(false);
        }
    }
}

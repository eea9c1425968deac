namespace Sightline.Compute.Leases.Clouds;

/// <summary>The part of a start script that tells the machine's own stop how the provider ends a machine from within.</summary>
internal static class EndScript
{
    /// <summary>Writes it; it goes before the script that arms the stop (see <c>MachineScript</c>).</summary>
    /// <param name="command">One shell command; the machine's variables hold what it needs.</param>
    public static string Write(string command) => $"""
        mkdir -p /run/sightline
        cat > /run/sightline/end-machine <<'END'
        #!/bin/sh
        {command}
        END
        chmod 700 /run/sightline/end-machine

        """;
}

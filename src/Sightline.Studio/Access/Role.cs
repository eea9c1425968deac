namespace Sightline.Studio.Access;

/// <summary>What a person may do; each role may do all that the one before may.</summary>
internal enum Role
{
    /// <summary>Look.</summary>
    Viewer,

    /// <summary>Decide about pictures, import, train on this machine, change runs, try pictures on a model.</summary>
    Editor,

    /// <summary>Spend money; let others in.</summary>
    Owner,
}

/// <summary>The role that an endpoint asks for; one that changes something and names none asks for <see cref="Role.Owner"/>.</summary>
internal sealed record RequiredRole(Role Role);
